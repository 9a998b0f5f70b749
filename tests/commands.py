"""Run `scrapy` and `jiedu` from tests, each in a process of its own, without importing all anew.

Importing takes most of a short command's time. A server that has imported what commands use forks
for each of them: the same main function with its own arguments, environment, output and exit.
What is read from the environment when it is imported is left to the command.
"""

import multiprocessing
import os
import runpy
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]

# Neither a reactor nor `crawler.settings`, which belong to one run.
_IMPORTED = [
    "tests.commands", "scrapy.cmdline", "scrapy.core.downloader.handlers.http11",
    "scrapy.core.engine", "scrapy.downloadermiddlewares.cookies", "scrapy.extensions.feedexport",
    "crawler.files", "crawler.process", "crawler.commands.update", "rich.progress",
    "storage.cli.app",
]  # fmt: skip
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(_IMPORTED)


@dataclass(slots=True)
class Command:
    """A command under way; the names are those of ``subprocess.Popen``."""

    module: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    _folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="jiedu-command-")))
    _process: multiprocessing.process.BaseProcess = field(init=False)

    def __post_init__(self) -> None:
        self._process = FORKS.Process(
            target=_run, args=(self.module, self.arguments, dict(self.environment), self._folder)
        )
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def communicate(self, timeout: float) -> tuple[str, str]:
        """Wait for the end; what it wrote. ``subprocess.TimeoutExpired`` if it takes longer."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            self.send_signal(signal.SIGKILL)
            self._process.join()
            raise subprocess.TimeoutExpired([self.module, *self.arguments], timeout)
        # A disk that is full may cut a character in two.
        output, errors = (
            (self._folder / name).read_text(errors="replace") for name in ("output", "errors")
        )
        shutil.rmtree(self._folder)
        return output, errors


def _run(module: str, arguments: tuple[str, ...], environment: dict[str, str], said: Path) -> None:
    """What the new process does: become the command."""
    read_too_early = {"crawler.settings", "tests.site.settings", "twisted.internet.reactor"}
    assert not read_too_early & sys.modules.keys(), "imported before the command's environment"
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    for number, name in ((1, "output"), (2, "errors")):
        file = os.open(said / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, number)
        os.close(file)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
