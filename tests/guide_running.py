"""Runs a guide as its reader does: every block in order, and what the guide says it prints.

Used by ``test_docs_guide``. A fenced block marked ``sh`` or ``python`` is run, a block marked
``text`` right after it is what it must print; in it, ``…`` stands for anything within a line and a
line of ``…`` alone for any lines. Python blocks share their names, as in a notebook.
"""

import contextlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_RUN = ("sh", "python")


@dataclass(frozen=True, slots=True)
class Step:
    """A block to be run, the line it begins at, and what it prints (``None``: not said)."""

    language: str
    code: str
    line: int
    printed: str | None


def read_steps(guide: str) -> Iterator[Step]:
    """The blocks of a guide in order."""
    blocks = list(_FENCE.finditer(guide))
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        language, code = block.groups()
        if language not in _RUN:
            continue
        is_next = following is not None and following[1] == "text"
        is_close = is_next and not guide[block.end() : following.start()].strip()
        line = guide.count("\n", 0, block.start()) + 1
        yield Step(language, code, line, following[2] if is_close else None)


def run_steps(guide: Path, folder: Path, environment: dict[str, str]) -> list[str]:
    """Run every block in ``folder``; a message for each that fails or prints something else."""
    names: dict[str, Any] = {}
    wrong = []
    with contextlib.chdir(folder):
        for step in read_steps(guide.read_text(encoding="utf-8")):
            where = f"{guide.name}, line {step.line}:\n{step.code}"
            status, printed = _run(step, names, environment)
            if status:
                wrong.append(f"{where}exit status {status}\n{printed}")
            elif step.printed is not None and not _matches(printed, step.printed):
                wrong.append(f"{where}prints\n{printed}where the guide says\n{step.printed}")
    return wrong


def _run(step: Step, names: dict[str, Any], environment: dict[str, str]) -> tuple[int, str]:
    if step.language == "python":
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile(step.code, f"<guide, line {step.line}>", "exec"), names)
        return 0, output.getvalue()
    bin_folder = str(Path(sys.executable).parent)
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", step.code],
        env=os.environ | environment | {"PATH": f"{bin_folder}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
    )  # fmt: skip
    return result.returncode, result.stdout


def _matches(printed: str, expected: str) -> bool:
    """Line by line, blanks at the ends of lines apart."""
    lines = [line.rstrip() for line in expected.strip("\n").split("\n")]
    parts = [
        r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + r"\n"
        for line in lines
    ]
    shown = "".join(line.rstrip() + "\n" for line in printed.strip("\n").split("\n"))
    return re.fullmatch("".join(parts), shown) is not None
