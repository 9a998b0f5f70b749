"""The guide does what it says: every block runs, and prints what the guide shows."""

from pathlib import Path

import pytest

from tests.guide_running import read_steps, run_steps
from tests.site import demo

GUIDE = Path(__file__).parents[1] / "docs" / "guide.md"
QUESTIONS = 10


def test_the_guide_runs_as_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    samples = tmp_path / "archive" / "samples"
    monkeypatch.setattr(demo, "FOLDER", samples)
    assert demo.main() == 0  # what `make crawl` does
    address = f"sqlite:///{samples}/archive.db"
    assert not run_steps(GUIDE, tmp_path, {"ARCHIVE_URL": address, "COLUMNS": "100"})


def test_the_guide_asks_ten_questions_and_shows_their_answers() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert text.count("\n### ") == QUESTIONS
    answered = [step for step in read_steps(text) if step.printed is not None]
    assert len(answered) >= 2 * QUESTIONS  # by command line and from Python


def test_a_block_that_prints_something_else_is_found(tmp_path: Path) -> None:
    guide = tmp_path / "guide.md"
    guide.write_text(
        "```sh\necho a; echo b\n```\n```text\na\n…\n```\n"
        "```python\nn = 1\nprint(n)\n```\n\n```text\n2\n```\n"
        "```sh\nexit 3\n```\n```python\nassert n == 1\n```\n",
        encoding="utf-8",
    )
    wrong = run_steps(guide, tmp_path, {})
    assert [text.split(":")[0] for text in wrong] == ["guide.md, line 8", "guide.md, line 16"]
