"""Keeps up with the owner: takes in changed documents and a changed configuration by itself.

In: a configuration and its library.  Out: the same library with what changed, or another one
where the configuration did; where something is wrong the old one stays, and the owner is told.
Questions are answered all the time.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

from bot.opening import complaints, opened
from config.settings import Settings, load_settings
from config.yaml_tree import ConfigError
from retrieval.errors import RetrievalError, on_one_line
from retrieval.intake import Step
from retrieval.library import Library, Refresh

AT_LEAST = 300.0  # seconds after which files are looked at even if nothing was heard of them
GROUPED = 1_000  # milliseconds: what changes within them is taken in at once
QUIET = 100  # milliseconds without a change that end a group

Use = Callable[[Library, Settings], None]
Tell = Callable[[str], None]
Report = Callable[[Library, Sequence[Step], Refresh], None]


class _Ended(Exception):
    """Nobody wants the rest any more."""


def unreported(library: Library, steps: Sequence[Step], refresh: Refresh) -> None:
    """Do nothing: nobody wants to know what was taken in."""


class Follower:
    """Follows a configuration from a thread of its own: `with Follower(…): …`.

    `use` gets a library that takes the last one's place, and its configuration; `tell`
    sentences about what is wrong (each once), `report` what was taken in.
    """

    def __init__(
        self,
        settings: Settings,
        library: Library,
        use: Use,
        tell: Tell,
        report: Report = unreported,
    ) -> None:
        self._settings = settings
        self._libraries = [library]  # the one in use last; before it one that may still answer
        self._use = use
        self._tell = tell
        self._report = report
        self._said: set[str] = set()
        self._heard: SimpleQueue[bool | None] = SimpleQueue()  # the YAML changed; None: stop
        self._ended = False
        self._deaf = threading.Event()  # ends the watches
        self._thread = threading.Thread(target=self._work, name="follower", daemon=True)

    def __enter__(self) -> Follower:
        """Begin to follow."""
        self._listen()
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Stop; what is being taken in at this moment is dropped, for the next start to do."""
        self._ended = True
        self._deaf.set()
        self._heard.put(None)
        self._thread.join()
        for library in self._libraries[1:]:  # the first is the caller's
            library.close()

    # --- hearing of changes -------------------------------------------------------------------

    def _listen(self) -> None:
        """Watch what the configuration names, and no longer what it named before."""
        self._deaf.set()
        self._deaf = threading.Event()
        sources = self._settings.sources
        files = [self._settings.file, *_named(self._settings)]
        single = {path for source in sources if (path := source.root) and not path.is_dir()}
        self._watch({source.root for source in sources} - single, deep=True)
        self._watch({path.parent for path in (*files, *single)}, deep=False, only=(*files, *single))

    def _watch(self, folders: set[Path], *, deep: bool, only: Sequence[Path] = ()) -> None:
        if folders := {folder for folder in folders if folder.is_dir()}:
            arguments = (folders, deep, {str(path) for path in only}, self._deaf)
            threading.Thread(target=self._hear, args=arguments, name="watch", daemon=True).start()

    def _hear(self, folders: set[Path], deep: bool, only: set[str], deaf: threading.Event) -> None:
        from watchfiles import watch  # whoever asks once does not wait for changes

        index = f"{self._settings.index}{os.sep}"
        settings = {str(path) for path in (self._settings.file, *_named(self._settings))}

        def counts(kind: object, path: str) -> bool:
            return path in only if only else not path.startswith(index)

        try:
            for changes in watch(
                *folders,
                watch_filter=counts,
                debounce=GROUPED,
                step=QUIET,
                stop_event=deaf,
                recursive=deep,
                raise_interrupt=False,
                ignore_permission_denied=True,
            ):
                self._heard.put(any(path in settings for _, path in changes))
        except (OSError, RuntimeError) as error:
            self._say(
                f"changes cannot be watched ({error}): files are looked at every "
                f"{AT_LEAST / 60:.0f} minutes"
            )

    # --- taking them in -----------------------------------------------------------------------

    def _work(self) -> None:
        while (heard := list(self._all_heard())) and None not in heard:
            try:
                if any(heard):
                    self._reload()
                else:
                    self._refresh(self._libraries[-1])
            except ConfigError as error:
                self._say(f"{error}\nthe configuration stays as it was")
            except RetrievalError as error:
                self._say(f"{on_one_line(str(error))}; all stays as it was")
            except _Ended:
                return

    def _all_heard(self) -> Iterator[bool | None]:
        """Yield what was heard since the last time; wait until there is something."""
        try:
            yield self._heard.get(timeout=AT_LEAST)
            while True:
                yield self._heard.get_nowait()
        except Empty:
            yield False

    def _refresh(self, library: Library) -> bool:
        """Return whether what changed could be taken in."""
        steps: list[Step] = []

        def watch(step: Step) -> None:
            if self._ended:
                raise _Ended
            steps.append(step)

        refresh = library.refresh(watch)
        for complaint in complaints(library, refresh):
            self._say(on_one_line(complaint))
        self._report(library, steps, refresh)
        return not refresh.note

    def _reload(self) -> None:
        """Read the YAML again, and let a library of its own answer from now on."""
        settings = load_settings(self._settings.file)
        library, old = opened(settings), self._libraries[-1]
        old.rest()  # or it would put back what the new one takes away
        taken = False
        try:
            taken = self._refresh(library)
        finally:
            if not taken:
                old.go_on()
                library.close()
        if not taken:
            self._say("the configuration stays as it was")
            return
        self._use(library, settings)
        self._libraries.append(library)
        if len(self._libraries) > 3:  # nobody asks it any more
            self._libraries.pop(1).close()
        if settings.telegram != self._settings.telegram:
            self._say("how to reach Telegram counts from the next start on")
        self._settings = settings
        self._said.clear()
        self._listen()

    def _say(self, sentence: str) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            self._tell(sentence)


def _named(settings: Settings) -> list[Path]:
    """Return the files that a configuration names, sources aside."""
    named = [*settings.lexicon, settings.dictionary, settings.questions]
    return [path for path in named if path]


def sentence_of(refresh: Refresh) -> str:
    """Return what was taken in, as a line for a log; "" if it was nothing."""
    if refresh.note or not (refresh.changed or refresh.removed):
        return ""
    return on_one_line(f"taken in: {refresh.changed:,} files, forgotten: {refresh.removed:,}")
