"""The peers' own environment, and a process for each extractor, Jiedu's among them.

Called by extraction.py; the processes run readers.py. No peer is imported here, so Jiedu's
environment stays as small as an operator's.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "benchmarks" / "requirements-peers.txt"
ENVIRONMENT = ROOT / ".venv-peers"
PEERS = (
    "trafilatura",
    "trafilatura, precision",
    "readability-lxml",
    "resiliparse",
    "jusText",
    "GNE",
)

Page = dict[str, Any]  # a line of a corpus: id, url, html, gold


class PeerAbsent(Exception):
    """A peer that is not installed; the text says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an extractor read from one page, in how many CPU seconds."""

    found: dict[str, str]
    seconds: float
    error: str | None


def install_peers() -> None:
    """Make the environment unless it holds these requirements already; say what failed."""
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    marker = ENVIRONMENT / ".requirements"
    if marker.is_file() and marker.read_text() == digest:
        return
    print("installing the peers, once ...", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True)
    if install("-r", str(REQUIREMENTS)):
        marker.write_text(digest)
        return
    lines = [line.partition("#")[0].strip() for line in REQUIREMENTS.read_text().splitlines()]
    for requirement in filter(None, lines):  # one by one, so that the rest can be measured
        if not install(requirement):
            print(f"cannot install {requirement}; its row will be absent", file=sys.stderr)


def install(*what: str) -> bool:
    pip = [str(ENVIRONMENT / "bin" / "python"), "-m", "pip", "install", "--no-deps"]
    quiet = ["-qq", "--disable-pip-version-check"]
    return subprocess.run([*pip, *quiet, *what], check=False).returncode == 0


class ReaderProcess:
    """An extractor in its own process and environment; use in a ``with`` statement.

    Raises ``PeerAbsent`` when the extractor cannot be imported there.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        python = sys.executable if name == "Jiedu" else str(ENVIRONMENT / "bin" / "python")
        if not Path(python).is_file():
            raise PeerAbsent("no environment")
        self._process = subprocess.Popen(
            [python, str(ROOT / "benchmarks" / "readers.py"), name],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        ready = self._receive()
        if "absent" in ready:
            self.close()
            raise PeerAbsent(ready["absent"])
        self.release: str = ready["release"]

    def read(self, page: Page) -> Answer:
        return Answer(**self._ask({"html": page["html"], "url": page["url"]}))

    def read_all(self, pages: Iterable[Page]) -> dict[str, Answer]:
        """The answers by page id."""
        return {page["id"]: self.read(page) for page in pages}

    def clear(self) -> None:
        """Forget earlier pages, so that reading them again takes as long as the first time."""
        self._ask({"clear": True})

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._receive()

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            code = self._process.wait()
            raise RuntimeError(f"{self.name} ended with {code} in mid-work; its error is above")
        reply: dict[str, Any] = json.loads(line)
        return reply

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
