"""`docs/guide.md`, run from its first block to its last; what it shows is what comes out."""

import datetime as dt
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import SHANGHAI
from tests.commands import ROOT
from tests.guide_running import (
    Block,
    Days,
    Printed,
    Reader,
    find_fault,
    make_environment,
    read_blocks,
)

GUIDE = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
BLOCKS = read_blocks(GUIDE)
QUESTIONS = "Ten questions"
INSTALLING = "make crawl"
DAY = dt.date(2026, 11, 30)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """A reader of short guides, in an empty folder."""
    with Reader(tmp_path, Path(sys.executable), make_environment(tmp_path)) as somebody:
        yield somebody


def test_the_guide_prints_what_it_shows(tmp_path: Path) -> None:
    """The demonstration behind `make crawl`, then every block after it, in one folder."""
    folder = tmp_path / "jiedu"
    folder.mkdir()
    (folder / ".venv").symlink_to(Path(sys.executable).parents[1])  # installed already
    environment = make_environment(tmp_path)
    begun = dt.datetime.now(SHANGHAI).date()
    crawled = subprocess.run(
        [sys.executable, "-m", "tests.site.demo", folder / "archive" / "samples"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=600,
    )
    assert crawled.returncode == 0, crawled.stderr
    faults = []
    with Reader(folder, folder / ".venv" / "bin" / "python", environment) as somebody:
        for block in BLOCKS:
            is_done = block.code == f"{INSTALLING}\n"
            printed = Printed(output=crawled.stdout) if is_done else somebody.run(block)
            days = Days(shown=day_of(GUIDE), now={begun, dt.datetime.now(SHANGHAI).date()})
            faults.append(find_fault(block, printed, days))
    assert not any(faults), "\n\n".join(fault for fault in faults if fault)


def day_of(guide: str) -> dt.date:
    """The day that the guide names as that of its outputs."""
    found = re.search(r"made on (\d{4}-\d\d-\d\d)", guide)
    assert found, "the guide does not say on which day its outputs were made"
    return dt.date.fromisoformat(found[1])


def test_the_guide_installs_as_the_readme_does() -> None:
    first = BLOCKS[0]
    assert first.code == f"{INSTALLING}\n"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"^{INSTALLING}\b", readme.partition("## Two commands")[2], re.M)
    recipe = re.search(r"^crawl: install\n\t(.*)$", (ROOT / "Makefile").read_text(), re.M)
    assert recipe is not None
    assert recipe[1] == "$(BIN)/python -m tests.site.demo"  # which the test above runs


def test_ten_questions_are_each_answered_by_command_and_by_python() -> None:
    section = re.search(rf"^## {QUESTIONS}\n(.*?)(?=^## |\Z)", GUIDE, re.M | re.S)
    assert section is not None
    questions = re.findall(r"^### (.*)$", section[1], re.M)
    assert [q.partition(". ")[0] for q in questions] == [str(n) for n in range(1, 11)]
    for question in questions:
        answers = [block for block in BLOCKS if block.question == question]
        assert {block.language for block in answers} == {"sh", "python"}, question
        assert all(block.shown for block in answers), question


def test_the_readme_leads_to_the_guide() -> None:
    assert "(docs/guide.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


def fault_of(reader: Reader, guide: str) -> str | None:
    """What is found wrong with a guide's last block, all of them run today."""
    found = None
    for block in read_blocks(guide):
        printed = reader.run(block)
        found = find_fault(block, printed, Days(shown=DAY, now={dt.date(2027, 1, 2)}))
    return found


@pytest.mark.parametrize(
    "guide",
    [
        "```sh\necho a\n```\n\n```text\na\n```",
        "```sh\nexport A=b\n```\n```sh\necho $A\n```\n```text\nb\n```",
        "```sh\nmkdir c; cd c\n```\n```sh\nbasename $PWD\n```\n```text\nc\n```",
        "```python\na = 1\n```\n```python\nprint(a)\n```\n```text\n1\n```",
        "```sh\nprintf 'a\\nb\\nc\\nd  \\n'\n```\n```text\na\n…\nd\n```",
        "```sh\necho 2027-01-02 10:00, 2026-06-17\n```\n```text\n2026-11-30 19:51, 2026-06-17\n```",
        "```sh\necho 2027-01-02T10:00:07+08:00\n```\n```text\n2026-11-30T19:51:07.25+08:00\n```",
    ],
)
def test_a_right_guide_has_no_fault(reader: Reader, guide: str) -> None:
    assert fault_of(reader, guide) is None


@pytest.mark.parametrize(
    ("guide", "fault"),
    [
        ("```sh\nfalse\n```", "the block failed"),
        ("```sh\nfalse\ntrue\n```", "the block failed"),
        ("```python\n1 / 0\n```", "ZeroDivisionError"),
        ("```python\nraise SystemExit\n```", "SystemExit"),
        ("```sh\necho a\n```", "no text block shows"),
        ("```python\nprint(1)\n```", "no text block shows"),
        ("```sh\necho a\n```\n```text\nb\n```", "another output"),
        ("```sh\ntrue\n```\n```text\nb\n```", "another output"),
        ("```sh\necho a; echo b\n```\n```text\na\n```", "another output"),
        ("```sh\necho a\n```\n```text\na\n…\n```", "another output"),
        ("```sh\necho 2026-06-18\n```\n```text\n2026-06-17\n```", "another output"),
        ("```sh\necho 2026-11-30\n```\n```text\n2026-11-30\n```", "another output"),
        ("```sh\necho 2027-01-02\n```\n```text\n2026-11-30 19:51\n```", "another output"),
    ],
)
def test_a_wrong_guide_is_found_out(reader: Reader, guide: str, fault: str) -> None:
    assert fault in (fault_of(reader, guide) or "")


@pytest.mark.parametrize(
    "guide",
    [
        "```text\na\n```",
        "```sh\necho a\n```\nIt prints:\n```text\na\n```",
        "```sh\necho a\n```\n```text\na\n```\n```text\na\n```",
        "```\necho a\n```",
        "```bash\necho a\n```",
        "```sh\necho a",
    ],
)
def test_a_block_that_would_be_passed_over_is_refused(guide: str) -> None:
    with pytest.raises(ValueError, match=r"^line \d+: "):
        read_blocks(guide)


def test_a_block_knows_where_it_stands() -> None:
    guide = "# A\n\n## B\n\n### C\n\n```sh\n# no heading\n```\n\n## D\n\n```python\n```\n"
    first, second = read_blocks(guide)
    assert first == Block(
        language="sh", code="# no heading\n", line=7, section="B", question="C", shown=None
    )
    assert (second.section, second.question) == ("D", "")
