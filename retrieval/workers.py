"""Many files to what the store keeps of them: read and cut by several processes at once.

In: Jobs.  Out: what `prepare` makes of each, in the same order; only a few files ahead of the
one that is taken, so memory does not grow with their number.

The processes are our own and no pool of multiprocessing's: they do not run the caller's main
module again, and when one dies it is known over which file.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue

from msgspec.structs import replace

from retrieval.engines import Batch, Part
from retrieval.preparing import Job, Prepared, prepare, stamp
from retrieval.terms import Analyzer

MOST = 4  # processes: each holds the dictionary, some 100 MB
GARBAGE = 100_000  # objects before it is collected: reading makes many, and few that need it
AHEAD = 4  # files that may be under way or waiting to be stored, for each process


def prepare_all(
    jobs: Sequence[Job], analyzer: Analyzer, part: Callable[[], Part | None] | None = None
) -> Generator[Prepared]:
    """Yield what every job comes to, in order; terms are written to a `part` a process, if any.

    Whoever stops half-way has to close the iterator: then the processes end at once.
    """
    workers = [Worker(analyzer, part and part()) for _ in range(min(MOST, cores()))]
    threads = ThreadPoolExecutor(len(workers))
    try:
        if len(workers) > 1 and _started(workers):
            yield from _shared_out(jobs, workers, threads)
            list(threads.map(Worker.finish, workers))
        else:
            yield from (prepare(job, analyzer) for job in jobs)
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            worker.stop()
        threads.shutdown()


def _shared_out(
    jobs: Sequence[Job], workers: Sequence[Worker], threads: ThreadPoolExecutor
) -> Iterator[Prepared]:
    """Yield what the jobs come to; a thread for each worker waits for it."""
    free: SimpleQueue[Worker] = SimpleQueue()
    for worker in workers:
        free.put(worker)

    def work(job: Job) -> Prepared:
        worker = free.get()
        try:
            return worker.prepare(job)
        finally:
            free.put(worker)

    waiting: deque[Future[Prepared]] = deque()
    for job in jobs:
        waiting.append(threads.submit(work, job))
        if len(waiting) > AHEAD * len(workers):
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def cores() -> int:
    """Return how many processors this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _started(workers: Sequence[Worker]) -> bool:
    """Start all processes; return False where that is impossible."""
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.wait_until_ready()
        return True
    except (OSError, EOFError):
        return False


class Worker:
    """A process that prepares one file after the other; another takes its place if it dies."""

    def __init__(self, analyzer: Analyzer, part: Part | None = None) -> None:
        self._analyzer = analyzer
        self._part = part
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    @property
    def pid(self) -> int:
        """The number of the process that is running, 0 if none is."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start the process; raise OSError where that is impossible."""
        self._process = subprocess.Popen(
            # -P: what lies in the current folder is no part of the program.
            [sys.executable, "-P", "-c", "from retrieval.workers import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Threads of tesseract's own would only be in the way of the other processes.
            env={"OMP_THREAD_LIMIT": "1"}
            | os.environ
            | {"PYTHONPATH": os.pathsep.join(p or str(Path.cwd()) for p in sys.path)},
            start_new_session=True,  # Ctrl-C is for us, and we end the process
        )
        self._send((self._analyzer, self._part))

    def wait_until_ready(self) -> None:
        """Wait until the process can take jobs; raise EOFError if it ended instead."""
        self._received()

    def prepare(self, job: Job) -> Prepared:
        """Return what a job comes to; where the process dies over it, that is its problem."""
        try:
            self._hand_over(job)
            prepared = self._received()
            assert prepared is not None
            return prepared
        except (OSError, EOFError, pickle.UnpicklingError):
            state = stamp(job, self._analyzer)
            # What kills a process is not tried again with every question.
            return Prepared(job, replace(state, settled=True, problem=self._post_mortem()))

    def finish(self) -> None:
        """Have the process complete its part."""
        with suppress(OSError, EOFError, pickle.UnpicklingError):
            self._send(None)
            self._received()

    def stop(self) -> None:
        """End the process, in the middle of a file if need be."""
        self._stopped = True
        self._post_mortem()

    def _hand_over(self, job: Job) -> None:
        """Send a job, to another process where this one ended between two files."""
        if self._process:
            with suppress(OSError):
                self._send(job)
                return
            self._post_mortem()
        if not self._stopped:
            self.start()
            self.wait_until_ready()
        self._send(job)

    def _send(self, what: tuple[Analyzer, Part | None] | Job | None) -> None:
        if self._process is None or self._process.stdin is None:
            raise EOFError
        pickle.dump(what, self._process.stdin, pickle.HIGHEST_PROTOCOL)
        self._process.stdin.flush()

    def _received(self) -> Prepared | None:
        if self._process is None or self._process.stdout is None:
            raise EOFError
        answer: Prepared | None = pickle.load(self._process.stdout)  # noqa: S301  (our own)
        return answer

    def _post_mortem(self) -> str:
        """End what is left of the process, and return how it ended."""
        process, self._process = self._process, None
        if process is None:
            return "could not be read, for no process that reads it could be started"
        if sys.platform != "win32":
            with suppress(OSError):  # with a tesseract that it may be waiting for
                os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        code = process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with suppress(OSError):
                    pipe.close()
        how = signal.Signals(-code).name if code < 0 else f"code {code}"
        return (
            f"could not be read: the process that read it ended ({how}); "
            "if memory was short, save the file once more to have it read"
        )


def serve() -> None:
    """Be such a process: an Analyzer on stdin, then Jobs; what each comes to on stdout.

    None instead of a job completes the part that the process writes.
    """
    jobs = sys.stdin.buffer
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not end up among the replies
    with suppress(EOFError, BrokenPipeError):
        sent: tuple[Analyzer, Part | None] = pickle.load(jobs)  # noqa: S301  (who started us)
        analyzer, part = sent[0].quick(), sent[1]
        gc.freeze()  # what is there by now stays
        gc.set_threshold(GARBAGE)
        answer: Prepared | None = None  # ready
        while True:
            pickle.dump(answer, replies, pickle.HIGHEST_PROTOCOL)
            replies.flush()
            job: Job | None = pickle.load(jobs)  # noqa: S301
            answer = prepare(job, analyzer) if job else None
            if part and answer and answer.terms:
                part.add(Batch(*answer.job.key, answer.terms))
                answer = replace(answer, terms=None, written=len(answer.terms))
            elif part and not job:
                part.finish()
