"""Reads a guide's code blocks and runs them as its reader would: in order, in one folder.

``tests.test_docs_guide`` runs `docs/guide.md` with it. A guide is Markdown whose `sh` and `python`
blocks are run; a `text` block shows what the block right before it printed. A line `…` in it
stands for lines left out.
"""

import datetime as dt
import difflib
import json
import os
import re
import subprocess
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import Self

RUN = ("sh", "python")
LEFT_OUT = "…"
PATIENCE_SECONDS = 120  # for one block
# Given blocks as JSON, one a line; answers with what each printed and the traceback, if any.
_PYTHON = """
import contextlib, io, json, sys, traceback
names = {"__name__": "__main__"}
for line in sys.stdin:
    printed, failure = io.StringIO(), None
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(json.loads(line), "<guide>", "exec"), names)
        except BaseException:
            failure = traceback.format_exc()
    print(json.dumps([printed.getvalue(), failure]), flush=True)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block to run; ``shown`` is what the guide says it prints, ``None`` without a text block.

    ``line`` is that of the opening fence, from 1; ``section`` and ``question`` are the headings
    (``##``, ``###``) it stands under.
    """

    language: str
    code: str
    line: int
    section: str
    question: str
    shown: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What a block wrote to standard output, and why it failed, if it did."""

    output: str
    failure: str | None = None


def read_blocks(guide: str) -> list[Block]:
    """The blocks of a guide with their output.

    Raises ``ValueError`` for what nobody would run or compare: a block of another language or
    without an end, a text block that does not follow a block directly.
    """
    blocks: list[Block] = []
    section = question = ""
    follows = False  # nothing but blank lines since a block that was not shown to print anything
    lines = iter(enumerate(guide.splitlines(), 1))
    for number, line in lines:
        if line.startswith("```"):
            language = line.removeprefix("```")
            code = _until_fence(lines, number)
            if language in RUN:
                blocks.append(
                    Block(
                        language=language,
                        code=code,
                        line=number,
                        section=section,
                        question=question,
                    )
                )
                follows = True
                continue
            if language != "text":
                raise ValueError(f"line {number}: a block is sh, python or text, not {language!r}")
            if not follows:
                raise ValueError(f"line {number}: a text block stands right after what printed it")
            blocks[-1] = replace(blocks[-1], shown=code)
        elif line.startswith("## "):
            section, question = line.removeprefix("## "), ""
        elif line.startswith("### "):
            question = line.removeprefix("### ")
        elif not line:
            continue
        follows = False
    return blocks


def _until_fence(lines: "enumerate[str]", opened: int) -> str:
    code: list[str] = []
    for _, line in lines:
        if line == "```":
            return "".join(f"{line}\n" for line in code)
        code.append(line)
    raise ValueError(f"line {opened}: this block has no end")


class Reader:
    """Somebody with a terminal and a Python session, both opened in one folder.

    What a `sh` block exports, and where it goes, holds for the next; names of `python` blocks too.
    """

    def __init__(self, folder: Path, python: Path, environment: Mapping[str, str]) -> None:
        self._folder, self._environment = folder, dict(environment)
        self._state = folder / ".exported"
        self._state.touch()
        self._python = subprocess.Popen(
            [python, "-c", _PYTHON],
            cwd=folder,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._python.communicate(timeout=PATIENCE_SECONDS)
        self._state.unlink()

    def run(self, block: Block) -> Printed:
        """Run a block; a command that fails ends it."""
        return self._run_sh(block.code) if block.language == "sh" else self._run_python(block.code)

    def _run_sh(self, code: str) -> Printed:
        keep = f"{{ export -p; printf 'cd \"%s\"\\n' \"$PWD\"; }} > '{self._state}'"
        done = subprocess.run(
            ["/bin/sh", "-ec", f". '{self._state}'\n{code}\n{keep}"],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=PATIENCE_SECONDS,
        )
        failure = f"exit status {done.returncode}\n{done.stderr}" if done.returncode else None
        return Printed(output=done.stdout, failure=failure)

    def _run_python(self, code: str) -> Printed:
        assert self._python.stdin is not None
        assert self._python.stdout is not None
        timer = Timer(PATIENCE_SECONDS, self._python.kill)
        timer.start()
        try:
            self._python.stdin.write(json.dumps(code) + "\n")
            self._python.stdin.flush()
            answer = self._python.stdout.readline()
        except BrokenPipeError:
            answer = ""
        finally:
            timer.cancel()
        if not answer:
            return Printed(output="", failure="the Python session has ended")
        output, failure = json.loads(answer)
        return Printed(output=output, failure=failure)


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The day on which the guide's outputs were made, and those on which its blocks ran now.

    A time on the guide's day may be any time on one of the others; every other date is as shown.
    """

    shown: dt.date
    now: Collection[dt.date]


def find_fault(block: Block, printed: Printed, days: Days) -> str | None:
    """What is wrong with a block that was run, for a person; ``None`` when nothing is."""
    where = f"line {block.line} ({block.question or block.section}):"
    if printed.failure:
        return f"{where} the block failed\n{block.code}{printed.output}{printed.failure}"
    if block.shown is None:
        return f"{where} no text block shows\n{printed.output}" if printed.output.strip() else None
    shown, output = _lines(block.shown), _lines(printed.output)
    if _pattern(shown, days).fullmatch("".join(f"{line}\n" for line in output)):
        return None
    compared = difflib.unified_diff(shown, output, "shown", "printed", lineterm="")
    return "\n".join((f"{where} another output", *compared))


def _lines(text: str) -> list[str]:
    """Lines without the blanks at their ends, which nobody sees."""
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def _pattern(shown: list[str], days: Days) -> re.Pattern[str]:
    """What an output must be: lines as shown, but for those left out and times of the day."""
    return re.compile(
        "".join(
            r"(?:.*\n)+" if line == LEFT_OUT else _with_times(line, days) + r"\n" for line in shown
        )
    )


def _with_times(line: str, days: Days) -> str:
    time = re.compile(rf"({days.shown})([ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?")
    day = "|".join(map(str, sorted(days.now)))
    parts, last = [], 0
    for found in time.finditer(line):
        digits = re.sub(r"\d", r"\\d", re.sub(r"\.\d+", r"(?:\\.\\d+)?", found[2] or ""))
        parts += [re.escape(line[last : found.start()]), f"(?:{day})", digits]
        last = found.end()
    return "".join((*parts, re.escape(line[last:])))


def make_environment(home: Path) -> dict[str, str]:
    """As little as a new terminal has: nothing of this test run's own settings."""
    return {"HOME": str(home), "PATH": os.defpath, "LANG": "C.UTF-8"}
