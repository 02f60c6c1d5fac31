"""A real OpenSearch cluster on loopback, which ends with the process that started it.

In: Maven, which fetches the server, and a JDK of 21 or newer, which runs it.  Out: nodes, each a
process under an account that is not root (the server refuses root), on ports that were free.
To try it by hand, until Enter is pressed, or to learn (exit code 0) that it can be started:

    .venv/bin/python tests/cluster/opensearch.py [NODES]
    .venv/bin/python tests/cluster/opensearch.py --can-run
"""

from __future__ import annotations

import atexit
import ctypes
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

VERSION = "3.8.0"
ARTIFACT = f"org.opensearch.distribution.integ-test-zip:opensearch:{VERSION}:zip"
OLDEST_JAVA = 21
HEAP = "512m"
PATIENCE = 300  # seconds for nodes to find each other, on a machine with other things to do
PR_SET_PDEATHSIG = 1

# Little time is spent in each node: not worth the compiler that makes code fast in the long run.
JVM = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
LEFT_OUT = re.compile(r"^(-Xm[sx]|.*(UseG1GC|G1Reserve|InitiatingHeap|Xlog:gc|HeapDump)).*\n", re.M)


def missing() -> str:
    """Return what a cluster cannot be started without; "" where all is there."""
    if not shutil.which("mvn"):
        return "Maven (mvn) is not installed"
    return "" if java_home() else f"there is no JDK of {OLDEST_JAVA} or newer"


def java_home() -> Path | None:
    """Return the folder of the first JDK that is new enough."""
    named = [Path(os.environ["JAVA_HOME"])] if "JAVA_HOME" in os.environ else []
    for folder in [*named, *sorted(Path("/usr/lib/jvm").glob("*"))]:
        with suppress(OSError):
            release = (folder / "release").read_text("utf-8")
            found = re.search(r'JAVA_VERSION="(\d+)', release)
            if found and int(found[1]) >= OLDEST_JAVA and (folder / "bin/java").exists():
                return folder
    return None


class Cluster:
    """Nodes of one cluster, numbered from 0.  `stop` ends them, and so does the end of Python."""

    def __init__(self, nodes: int = 3) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="youju-opensearch-"))
        atexit.register(self.stop)
        self._folder.chmod(0o755)
        self._home = _unpacked(self._folder)
        self._ports = list(_free_ports(2 * nodes))
        self._nodes: dict[int, subprocess.Popen[bytes]] = {}
        self.hosts = [f"http://127.0.0.1:{self._ports[2 * i]}" for i in range(nodes)]
        for number in range(nodes):
            self._configure(number)
        self.start(*range(nodes))

    def start(self, *numbers: int) -> None:
        """Start nodes, on what they kept, and wait until all shards have all their copies."""
        for number in numbers:
            self._nodes[number] = self._run(number)
        self.wait("green")
        if len(self._nodes) == len(self.hosts):
            self._until(self._all_vote)  # or the next that is killed may take the quorum with it

    def kill(self, *numbers: int) -> None:
        """End nodes as a power cut would (kill -9)."""
        for number in numbers:
            node = self._nodes.pop(number)
            node.kill()
            node.wait()

    def running(self) -> list[int]:
        """Return the numbers of the nodes that run."""
        return sorted(self._nodes)

    def manager(self) -> int:
        """Return the number of the node that manages the cluster."""
        (row,) = self._get("/_cat/cluster_manager?format=json")
        return int(row["node"].removeprefix("node-"))

    def wait(self, status: str) -> None:
        """Wait until the running nodes have found each other and the cluster is green or yellow."""
        asked = f"wait_for_nodes={len(self._nodes)}&wait_for_status={status}&timeout=1s"
        self._until(lambda: not self._get(f"/_cluster/health?{asked}")["timed_out"])

    def _until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for number, node in self._nodes.items():
                if node.poll() is not None:
                    raise RuntimeError(f"node {number} ended by itself:\n{self._log(number)}")
            with suppress(OSError):
                if is_so():
                    return
            time.sleep(0.5)
        logs = "\n".join(map(self._log, self._nodes))
        raise RuntimeError(f"the cluster is not what it should be, after {PATIENCE} s:\n{logs}")

    def _all_vote(self) -> bool:
        coordination = "metadata.cluster_coordination.last_committed_config"
        state = self._get(f"/_cluster/state/metadata?filter_path={coordination}")
        config = state["metadata"]["cluster_coordination"]["last_committed_config"]
        return len(config) == len(self.hosts)

    def stop(self) -> None:
        """End all nodes and drop what they kept."""
        self.kill(*self._nodes)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _get(self, path: str):
        host = self.hosts[next(iter(self._nodes))]
        with urllib.request.urlopen(host + path, timeout=30) as response:
            return json.load(response)

    def _log(self, number: int) -> str:
        return (self._folder / f"node-{number}/log").read_text("utf-8", errors="replace")[-3000:]

    def _configure(self, number: int) -> None:
        folder = self._folder / f"node-{number}"
        for name in ("data", "logs"):
            (folder / name).mkdir(parents=True)
        shutil.copytree(self._home / "config", folder / "config")
        http, transport = self._ports[2 * number : 2 * number + 2]
        managers = [f"node-{i}" for i in range(len(self.hosts))]
        settings = {
            "cluster.name": "youju-test",
            "node.name": f"node-{number}",
            "network.host": "127.0.0.1",
            "http.port": http,
            "transport.port": transport,
            "path.data": str(folder / "data"),
            "path.logs": str(folder / "logs"),
            "discovery.seed_hosts": [f"127.0.0.1:{port}" for port in self._ports[1::2]],
            "cluster.initial_cluster_manager_nodes": managers,
            "cluster.routing.allocation.disk.threshold_enabled": False,  # a full disk elsewhere
        }
        lines = (f"{key}: {json.dumps(value)}\n" for key, value in settings.items())
        (folder / "config/opensearch.yml").write_text("".join(lines), "utf-8")
        options = folder / "config/jvm.options"
        options.write_text(LEFT_OUT.sub("", options.read_text("utf-8")), "utf-8")
        for path in [folder, *folder.rglob("*")]:
            if (account := _account()) is not None:
                shutil.chown(path, account)

    def _run(self, number: int) -> subprocess.Popen[bytes]:
        folder = self._folder / f"node-{number}"
        options = " ".join((f"-Xms{HEAP}", f"-Xmx{HEAP}", *JVM))
        account = _account()
        with (folder / "log").open("ab") as log:
            return subprocess.Popen(
                [self._home / "bin/opensearch"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                env={
                    "PATH": os.environ["PATH"],
                    "OPENSEARCH_JAVA_HOME": str(java_home()),
                    "OPENSEARCH_PATH_CONF": str(folder / "config"),
                    "OPENSEARCH_JAVA_OPTS": options,
                },
                user=account,
                extra_groups=None if account is None else [],
                preexec_fn=_end_with_parent,
            )


def _account() -> str | None:
    """Return the account to run the server under; None: the one we have."""
    return "nobody" if os.geteuid() == 0 else None


def _end_with_parent() -> None:
    """Have the kernel kill this process when the one that started it ends, however it does."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us


def _unpacked(folder: Path) -> Path:
    """Return the folder of the server, which Maven fetched, now or earlier, into its own store."""
    fetch = ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={ARTIFACT}"]
    done = subprocess.run(
        [*fetch, f"-DoutputDirectory={folder}"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    archive = folder / f"opensearch-{VERSION}.zip"
    if not archive.exists():
        raise RuntimeError(f"Maven could not fetch {ARTIFACT}:\n{done.stdout}{done.stderr}")
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    archive.unlink()
    home = folder / f"opensearch-{VERSION}"
    for program in (home / "bin").iterdir():
        program.chmod(0o755)
    return home


def _free_ports(count: int) -> Iterator[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    for one in sockets:
        yield one.getsockname()[1]
        one.close()


def main() -> None:
    """Run a cluster until Enter is pressed, or the input ends."""
    if sys.argv[1:] == ["--can-run"]:
        sys.exit(missing() or 0)
    cluster = Cluster(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
    print(*cluster.hosts, flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    main()
