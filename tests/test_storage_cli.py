"""`jiedu`: what its commands print, and its one line when something is wrong."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from storage import Archive
from storage.cli.app import main
from tests.records import BODY, URL, article, capture

ROOT = Path(__file__).parents[1]
Jiedu = Callable[..., tuple[int, str, str]]
EDITED = ("近日，示例省印发《关于推进数据要素流通的若干意见》。", *BODY[1:])


@pytest.fixture
def jiedu(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Jiedu:
    """Run `jiedu` with these arguments; its exit status, output and errors."""
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("ARCHIVE_URL", "ARCHIVE_WARC"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["jiedu", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def one_line(said: tuple[int, str, str], *parts: str) -> None:
    """Status 1, nothing printed, and one line of error with these parts."""
    status, output, errors = said
    assert (status, output) == (1, "")
    assert errors.startswith("jiedu: ")
    assert errors.count("\n") == 1
    for part in parts:
        assert part in errors


def test_the_command_says_what_is_wrong_in_one_line(
    jiedu: Jiedu, archive_url: str, tmp_path: Path
) -> None:
    missing = tmp_path / "missing.db"
    one_line(jiedu("--archive", missing, "versions", URL), str(missing), "jiedu migrate")
    one_line(jiedu("--archive", "nonsense://x", "show", URL), "nonsense")
    one_line(jiedu("--archive", archive_url, "versions", URL), f"no article {URL}")
    one_line(jiedu("--archive", archive_url, "show", "7"), "no article 7")
    one_line(jiedu("--archive", archive_url, "show", "nonsense"), "address or number")


def test_wrong_usage_has_status_2(jiedu: Jiedu, archive_url: str) -> None:
    assert jiedu("--archive", archive_url, "show")[0] == 2
    assert jiedu("--archive", archive_url, "nonsense")[0] == 2


def test_the_archive_may_be_named_after_the_command(
    jiedu: Jiedu, archive: Archive, archive_url: str, tmp_path: Path
) -> None:
    archive.add([capture()], article())
    for arguments in (
        ("stats", "--archive", archive_url, "--csv"),
        ("--warc", tmp_path, "stats", f"--archive={archive_url}", "--csv"),
        ("stats", "--csv", "--warc", tmp_path, "--archive", archive_url),
    ):
        status, output, errors = jiedu(*arguments)
        assert (status, errors) == (0, ""), arguments
        assert "articles,,1" in output.splitlines(), arguments
    missing = tmp_path / "missing.db"
    one_line(jiedu("versions", URL, "--archive", missing), str(missing))
    status, output, errors = jiedu("stats", "--archive")
    assert (status, output) == (2, "")
    assert "--archive" in errors
    # After -- it is a word like any other.
    assert jiedu("--archive", archive_url, "search", "--count", "--", "--archive")[1] == "0\n"


def test_the_release_is_shown(jiedu: Jiedu) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert jiedu("--version") == (0, f"jiedu {project['version']}\n", "")


def test_the_program_itself_ends_with_status_1(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "storage.cli", "show", URL],
        env=os.environ | {"ARCHIVE_URL": str(tmp_path / "missing.db")},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "jiedu migrate" in done.stderr


@pytest.mark.parametrize(
    "address",
    ["postgresql//jiedu:s3cret@127.0.0.1/jiedu", "postgresql:jiedu:s3cret@127.0.0.1/jiedu"],
)
def test_a_mistyped_address_shows_no_password(jiedu: Jiedu, address: str) -> None:
    status, output, errors = jiedu("--archive", f"{address}?x=://", "show", URL)
    assert (status, "s3cret" in output + errors) == (1, False)


def test_migrate_makes_an_archive(jiedu: Jiedu, unmade_url: str) -> None:
    for _ in range(2):
        status, output, errors = jiedu("--archive", unmade_url, "migrate")
        assert (status, errors) == (0, "")
        assert "up to date" in output
    Archive.open(unmade_url).close()


def test_show_prints_the_article(jiedu: Jiedu, archive: Archive, archive_url: str) -> None:
    archive.add([capture()], article())
    archive.add([capture(b"<p>two</p>", minute=1)], article(*EDITED))
    status, output, errors = jiedu("--archive", archive_url, "show", URL, "--version", 1)
    assert (status, errors) == (0, "")
    for part in ("数据要素怎样流通（政策解读）", "示例日报 2026-02-28，02版", "李明", URL, *BODY):
        assert part in output
    assert "2026-02-28 00:00" not in output  # a day has no time of day
    assert "2026-03-01 09:30" in output
    assert EDITED[0] in jiedu("--archive", archive_url, "show", "1")[1]
    one_line(jiedu("--archive", archive_url, "show", URL, "--version", 9), "1 to 2")


def test_versions_lists_visits_and_what_changed(
    jiedu: Jiedu, archive: Archive, archive_url: str
) -> None:
    archive.add([capture()], article())
    archive.add([capture(b"<p>two</p>", minute=1)], article(*EDITED))
    hop = capture(b"", status=301, page=None, minute=2, url="http://news.example.cn/go")
    pages = [capture(minute=2), capture(url=f"{URL}?p=2", page=2, minute=2)]
    archive.add([hop, *pages], article(*EDITED))
    for minute in (9, 11):
        archive.add([capture(b"404", minute=minute, status=404)], None)
    status, output, errors = jiedu("--archive", archive_url, "versions", URL)
    assert (status, errors) == (0, "")
    rows = [line.split() for line in output.splitlines() if "\t2023\t" in line]
    assert [(row[0], row[3], row[4]) for row in rows] == [("1", "1", "1"), ("2", "2", "1")]
    assert "also http://news.example.cn/go" in output
    assert "gone since 2026-03-01 16:09:00" in output
    assert "from version 1 to 2" in output
    for line in (
        "@@ paragraph 1 changed",
        "-近日，示例省印发[-《关于推进数据要素流通的若干措施》-]。",
        "+近日，示例省印发{+《关于推进数据要素流通的若干意见》+}。",
    ):
        assert line in output.splitlines()
