"""Every listing of `jiedu`: tables, JSON lines and CSV; pipes, errors, help, completion."""

import csv
import datetime as dt
import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rich.text import Text

from crawler.extract.policy import read_policy
from storage import Archive, Attachment, Block, Listed, ListingVisit, place_blocks
from storage.cli import comparing
from storage.cli.app import app, main
from storage.cli.examples import EXAMPLES
from storage.diff import FieldChange
from tests.policy_article import DOCUMENT, make_article
from tests.records import BODY, URL, article, capture

ROOT = Path(__file__).parents[1]
Jiedu = Callable[..., tuple[int, str, str]]
LIST = "http://news.example.cn/jiedu/"
PAGE = "<p>第一版</p>".encode("gb18030")
EDITED = (BODY[0], BODY[2], f"{BODY[1]}全省2,300家企业参加。")
LONG = "http://news.example.cn/jiedu/" + "9" * 300 + ".html"
POLICY = make_article()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with something for every listing."""
    folder = tmp_path_factory.mktemp("listed")
    with Archive.open(folder / "archive.db", create=True) as archive:
        archive.begin_crawl("crawl", portal="example")
        links = [Listed(url=URL, title="数据", day=dt.date(2026, 3, 1)), Listed(url=LONG)]
        visit = ListingVisit(listing_url=LIST, page_url=LIST, claimed=7, channel="解读")
        archive.list_urls("example", visit, links)
        archive.add([capture(PAGE, is_gzip=True)], article())
        archive.add([capture(b"<p>two</p>", minute=1)], edited())
        for minute in (9, 11):
            archive.add([capture(b"404", minute=minute, status=404)], None)
        archive.add([capture(b"busy", url=LONG, status=500)], None, failure="HTTP 500\tbusy")
        policy = replace(POLICY, policy=read_policy(POLICY), source="示例网")
        archive.add([capture(b"<p>policy</p>", url=POLICY.url, minute=5)], policy)
        other = "http://news.example.cn/jiedu/1003.html"
        archive.add([capture(b"<p>other</p>", url=other, minute=6)], article("别的。", url=other))
        archive.withdraw(other, 'court order "17"', by="wang")
        archive.finish_crawl("finished", {"new": 3, "listed": 2, "pages_read": 3})
    return folder


def edited() -> object:
    second = article(*EDITED, title="数据要素如何流通（政策解读）")
    table = Block(kind="table", text="年份\t交易额\n2025\t32亿元")
    blocks = place_blocks([*second.blocks[:-1], table])
    file = Attachment(url="http://news.example.cn/1.pdf", name="附件")
    return replace(second, blocks=blocks, attachments=(file,))


@pytest.fixture
def jiedu(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Jiedu:
    """Run `jiedu` on the archive named by ARCHIVE_URL; its exit status, output and errors."""
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("ARCHIVE_URL", str(folder / "archive.db"))
    for name in ("ARCHIVE_WARC", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["jiedu", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfdbinary.readouterr()
        return int(ended.value.code or 0), said.out.decode(), said.err.decode()

    return run


def lines_of(said: tuple[int, str, str]) -> list[str]:
    status, output, errors = said
    assert (status, errors) == (0, "")
    return output.splitlines()


# A command, its stable columns, and what its rows say in some of them.
LISTINGS: dict[tuple[str, ...], tuple[str, list[dict[str, str]]]] = {
    ("versions", "1"): (
        "article_id,url,version,captured_at,recorded_at,visits,captures,readings,layout,reader,"
        "digest,permalink,title",
        [
            {"version": "1", "captured_at": "2026-03-01T16:00:00+08:00", "visits": "1"},
            {"version": "2", "title": "数据要素如何流通（政策解读）", "url": URL},
        ],
    ),
    ("ledger",): (
        "portal,url,state,tries,tried_at,next_try_at,last_status,failure,done_at,article_id,"
        "listing_url,channel,listed_title,listed_date,listed_day,first_seen_at,listed_at",
        [
            {"url": URL, "state": "done", "listed_title": "数据", "listed_day": "2026-03-01"},
            {"url": LONG, "state": "failed", "tries": "1", "last_status": "500"},
        ],
    ),
    ("gone",): (
        "article_id,url,portal,kind,seen_at,missed_at,confirmed_at,ended_at",
        [{"url": URL, "kind": "HTTP 404", "missed_at": "2026-03-01T16:09:00+08:00"}],
    ),
    ("withdrawals",): (
        "id,article_id,url,act,reason,acted_by,acted_at,finished_at",
        [{"act": "withdraw", "reason": 'court order "17"', "acted_by": "wang"}],
    ),
    ("coverage", "--months"): (
        "portal,listing_url,channel,month,claimed,pages_read,read_at,seen,archived,waiting,"
        "failed,left_out",
        [
            {"portal": "example", "listing_url": "", "month": "", "seen": "2", "failed": "1"},
            {"listing_url": "", "month": "2026-03", "seen": "1", "archived": "1"},
            {"listing_url": "", "month": "no date", "seen": "1", "failed": "1"},
            {"listing_url": LIST, "channel": "解读", "month": "", "claimed": "7", "seen": "2"},
            {"listing_url": LIST, "month": "2026-03", "claimed": ""},
            {"listing_url": LIST, "month": "no date"},
        ],
    ),
    ("documents",): (
        "id,title,doc_type,number,first_seen_at,interpreted_by,cited_by",
        [{"title": DOCUMENT, "number": "国数政策〔2026〕15号", "interpreted_by": "1"}],
    ),
}


@pytest.mark.parametrize("command", LISTINGS, ids=lambda command: command[0])
def test_a_listing_says_the_same_in_every_form(jiedu: Jiedu, command: tuple[str, ...]) -> None:
    columns, expected = LISTINGS[command]
    header, *_ = lines = lines_of(jiedu(*command, "--csv"))
    assert header == columns
    rows = list(csv.DictReader(io.StringIO("\n".join(lines))))
    assert len(rows) == len(expected)
    for row, wanted in zip(rows, expected, strict=True):
        assert {name: row[name] for name in wanted} == wanted
    objects = [json.loads(line) for line in lines_of(jiedu(*command, "--json"))]
    assert [list(one) for one in objects] == [columns.split(",")] * len(rows)
    for row, one in zip(rows, objects, strict=True):
        assert row == {name: "" if part is None else str(part) for name, part in one.items()}
    assert jiedu(*command, "--json", "--csv")[0] == 2
    piped = "\n".join(lines_of(jiedu(*command)))
    assert "\x1b" not in piped
    for wanted in expected:
        for name in {"url", "title", "reason", "portal"} & wanted.keys():
            assert wanted[name] in piped  # whole, however long


@pytest.mark.parametrize("command", LISTINGS, ids=lambda command: command[0])
def test_a_terminal_gets_a_table_of_its_width(
    jiedu: Jiedu, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # as Rich sees a terminal
    monkeypatch.setenv("COLUMNS", "100")
    shown = lines_of(jiedu(*command))
    table = [Text.from_ansi(line) for line in shown if not line.startswith("[1]")]
    assert max(text.cell_len for text in table) <= 100
    assert any("\x1b[1m" in line for line in shown)
    assert not any("\t" in line for line in shown)


def test_health_gives_a_portal_or_a_run_a_line(jiedu: Jiedu) -> None:
    (line,) = lines_of(jiedu("health", "--json"))
    entry = json.loads(line)
    assert (entry["portal"], [run["new"] for run in entry["runs"]]) == ("example", [3])
    (row,) = csv.DictReader(io.StringIO("\n".join(lines_of(jiedu("health", "--csv")))))
    assert (row["portal"], row["new"], row["pages_read"], row["requests"]) == (
        "example",
        "3",
        "3",
        "",
    )
    assert row["started_at"] == entry["runs"][0]["started_at"]


def test_check_gives_a_report_or_its_findings(jiedu: Jiedu) -> None:
    (line,) = lines_of(jiedu("check", "--json"))
    assert json.loads(line)["is_sound"] is True
    assert lines_of(jiedu("check", "--csv")) == ["level,what,where,advice"]


def test_document_gives_all_or_its_articles(jiedu: Jiedu) -> None:
    (line,) = lines_of(jiedu("document", DOCUMENT, "--json"))
    assert json.loads(line)["summary"]["number"] == "国数政策〔2026〕15号"
    (row,) = csv.DictReader(io.StringIO("\n".join(lines_of(jiedu("document", "1", "--csv")))))
    assert (row["url"], row["outlet"], row["title"]) == (POLICY.url, "示例网", POLICY.title)


def test_show_prints_fields_entities_tables_and_states(
    jiedu: Jiedu, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = lines_of(jiedu("show", URL))
    for line in (
        "authors    王芳",
        "published  2026-02-28 (from the line that names the print original)",
        "gone       since 2026-03-01 16:09:00",
        "missing    HTTP 404 on 2026-03-01 16:09:00, confirmed",
        "## 五个方面",
        "2025\t32亿元",
        "file 附件 http://news.example.cn/1.pdf (not kept)",
        EDITED[2],  # longer than the 60 columns
    ):
        assert line in shown
    shown = lines_of(jiedu("show", POLICY.url))
    assert f"explains   《{DOCUMENT}》" in shown
    assert "numbers    国数政策〔2026〕15号" in shown
    assert "issued by  国家数据局、国家发展和改革委员会、司法部" in shown
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "│ 2025 │ 32亿元 │" in lines_of(jiedu("show", URL))
    monkeypatch.delenv("FORCE_COLOR")
    (line,) = lines_of(jiedu("show", URL, "--version", 1, "--json"))
    one = json.loads(line)
    assert one["permalink"] == f"{URL}#version=1&sha256={one['digest']}"
    assert (one["article"]["published_at"], one["article"]["published_date"]) == (
        "2026-02-28",  # known to the day: no time is shown
        "2026-02-28",
    )
    assert one["article"]["posted_at"] == "2026-03-01T09:30:00+08:00"
    assert one["article"]["text"] == "\n".join(("五个方面", *BODY))
    assert [absence["kind"] for absence in one["missing"]] == ["HTTP 404"]


def test_show_raw_writes_the_bytes_that_explain_names(jiedu: Jiedu, folder: Path) -> None:
    environment = os.environ | {"ARCHIVE_URL": str(folder / "archive.db")}
    done = subprocess.run(
        [sys.executable, "-m", "storage.cli", "show", "1", "--version", "1", "--raw"],
        cwd=ROOT, env=environment, capture_output=True, check=False, timeout=300,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, PAGE, b"")
    explained = "\n".join(lines_of(jiedu("show", URL, "--version", 1, "--explain")))
    assert f"sha256 {hashlib.sha256(PAGE).hexdigest()}" in explained
    for part in (
        "王芳, from the byline 本报记者 王 芳",
        "2023, of the rules of portal example",
        "2026-02-28, to the day, from the line that names the print original",
        f"capture 1: {URL}, HTTP 200",
        f"jiedu --archive {folder}/archive.db show 1 --version 1 --raw > article-1-1-1.html"
        f" && scrapy extract article-1-1-1.html --url {URL} --portal example --explain",
    ):
        assert part in explained
    status, output, errors = jiedu("show", URL, "--raw", "--page", 2)
    assert (status, output) == (1, "")
    assert errors.endswith("version 2: no capture of a page 2; it has 1\n")
    assert jiedu("show", URL, "--raw", "--json")[0] == 2


def test_raw_bytes_are_not_for_a_terminal(jiedu: Jiedu, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        buffer = io.BytesIO()

        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdout", Terminal())
    status, _, errors = jiedu("show", URL, "--raw")
    assert status == 1
    assert "--force" in errors
    assert errors.count("\n") == 1
    assert jiedu("show", URL, "--raw", "--force")[0] == 0
    assert Terminal.buffer.getvalue() == b"<p>two</p>"


def test_diff_names_fields_blocks_and_moves(jiedu: Jiedu, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = lines_of(jiedu("diff", URL))
    assert shown[0] == f"--- {URL} version 1, captured 2026-03-01 16:00:00"
    assert shown[2:] == [
        "@@ title",
        "-数据要素[-怎样-]流通（政策解读）",
        "+数据要素{+如何+}流通（政策解读）",
        "@@ attachments",
        "+附件 http://news.example.cn/1.pdf",
        "@@ paragraph 3 moved to 2",
        f">{BODY[2]}",
        "@@ paragraph 2, now 3, changed",
        f"-{BODY[1]}",
        f"+{BODY[1]}{{+全省2,300家企业参加。+}}",
        "@@ table 4 added",
        "+年份\t交易额",
        "+2025\t32亿元",
    ]
    assert f" {BODY[0]}" in lines_of(jiedu("diff", URL, 1, 2, "--context", 1))
    head, title, _, *blocks = map(json.loads, lines_of(jiedu("diff", URL, "--json")))
    assert (head["before"]["version"], head["after"]["version"]) == (1, 2)
    assert (title["field"], title["runs"][1]) == ("title", {"kind": "removed", "text": "怎样"})
    assert [(b["kind"], [p["ordinal"] for p in b["after"]]) for b in blocks] == [
        ("moved", [2]),
        ("changed", [3]),
        ("added", [4]),
    ]
    start = len("\n".join(("五个方面", *EDITED[:2]))) + 1
    assert blocks[1]["after"][0]["start"] == start
    others = lines_of(jiedu("diff", URL, 1, "--with", POLICY.url))
    assert others[1].startswith(f"+++ {POLICY.url} version 1")
    assert f"-{BODY[0]}" in others
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = jiedu("diff", URL)[1]
    assert "\x1b[1;7;31m怎样\x1b[0m" in coloured
    assert "[-" not in coloured.replace("\x1b[", "")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "[-怎样-]" in Text.from_ansi(jiedu("diff", URL)[1]).plain


def test_diff_shows_what_is_new_in_a_list_or_its_new_order() -> None:
    for before, after, lines in (
        (("张三", "李四"), ("张三", "王五"), ["-李四", "+王五"]),
        (("张三", "李四"), ("李四", "张三"), ["-张三", "-李四", "+李四", "+张三"]),
        (("张三", "张三"), ("张三",), ["-张三"]),
    ):
        change = FieldChange(field="authors", before=before, after=after)
        assert [line.plain for line in comparing._field_lines(change, is_marked=True)] == lines


def test_cite_prints_references(jiedu: Jiedu) -> None:
    entry = "王芳. 数据要素如何流通（政策解读）[N]. 示例日报, 2026-02-28(02)."
    first, second = lines_of(jiedu("cite", URL))
    assert first == entry
    link = second.split()[-1]
    assert second == f"    version 2, captured 2026-03-01 16:01:00: {link}"
    assert lines_of(jiedu("cite", link, "--bare")) == [entry]
    assert lines_of(jiedu("show", link))[0] == "title      数据要素如何流通（政策解读）"
    assert lines_of(jiedu("cite", "--query", "", "--bare")) == [  # newest first
        f"示例网. 让数据多跑路、群众少跑腿(政策解读)[EB/OL]. [2026-03-01]. {POLICY.url}.",
        entry,
    ]
    items = json.loads(
        "\n".join(lines_of(jiedu("cite", "--query", "portal:example", "--style", "csl")))
    )
    assert [item["URL"] for item in items] == [URL]
    both = "\n".join(lines_of(jiedu("cite", 1, POLICY.url, "--style", "bibtex")))
    assert both.count("\n@online{") == 1
    assert both.startswith("@article{example_")
    assert "[2025-01-02]" in jiedu("cite", POLICY.url, "--accessed", "2025-01-02")[1]
    assert jiedu("cite", "--query", "没有的词", "--style", "csl") == (
        0,
        "[]\n",
        "no article matches\n",
    )
    missing = jiedu("cite", 1, 999, "--style", "csl")
    assert missing[:2] == (1, "")  # no half a list
    for wrong in ((), (1, "--query", "x"), (1, 2, "--version", 1), (1, "--style", "apa"),
                  (1, "--accessed", "yesterday"), ("--query", '"open')):  # fmt: skip
        assert jiedu("cite", *wrong)[0] == 2


@pytest.mark.parametrize(
    "command", ["show", "versions", "diff", "cite", "stats", "coverage", "health", "ledger", "gone",
                "withdrawals", "documents", "check"]
)  # fmt: skip
def test_an_archive_that_is_none_is_one_line(jiedu: Jiedu, tmp_path: Path, command: str) -> None:
    which = (URL,) if command in ("show", "versions", "diff", "cite") else ()
    (tmp_path / "text.db").write_text("no database, but long enough to be read as one" * 30)
    for address in ("missing.db", "text.db"):
        status, output, errors = jiedu("--archive", tmp_path / address, command, *which)
        assert (status, output, errors.count("\n")) == (1, "", 1)
        assert errors.startswith("jiedu: ")
        assert address in errors
    if which:
        missing = (1, "", f"jiedu: no article {LIST}none.html in ")
        status, output, errors = jiedu(command, f"{LIST}none.html")
        assert (status, output, errors[: len(missing[2])]) == missing
        assert errors.count("\n") == 1


def test_a_version_that_does_not_exist_is_one_line(jiedu: Jiedu) -> None:
    for arguments in (("show", URL, "--version", 3), ("diff", URL, 1, 3), ("diff", URL, 0),
                      ("cite", URL, "--version", 3)):  # fmt: skip
        status, output, errors = jiedu(*arguments)
        assert (status, output, errors.count("\n")) == (1, "", 1)
        assert "it has 1 to 2" in errors
    assert "none to compare it with" in jiedu("diff", POLICY.url)[2]
    assert "was withdrawn" in jiedu("diff", URL, "--with", f"{LIST}1003.html")[2]


def test_every_command_teaches(jiedu: Jiedu, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    shown = jiedu("--help")[1]
    for part in ("Exit status:", "  0  fine", "  1  no such article", "  2  not understood"):
        assert part in shown
    names = [command.name for command in app.registered_commands]
    assert set(EXAMPLES) == set(names)  # give a new command its examples there
    for name in names:
        shown = jiedu(str(name), "--help")[1]
        for example in EXAMPLES[str(name)]:
            assert example in shown


def test_completion_is_installed_and_completes(
    jiedu: Jiedu, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    status, output, _ = jiedu("--install-completion", "bash")
    assert status == 0
    assert "bash completion installed" in output
    (script,) = tmp_path.glob(".bash_completions/jiedu.sh")
    assert str(script) in (tmp_path / ".bashrc").read_text()
    assert "complete -o default -F _jiedu_completion jiedu" in script.read_text()
    monkeypatch.setenv("_JIEDU_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "jiedu versi")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert jiedu()[1].split() == ["versions"]


@pytest.fixture(scope="module")
def long_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive whose ledger fills more than the buffer of a pipe."""
    path = tmp_path_factory.mktemp("long") / "archive.db"
    with Archive.open(path, create=True) as archive:
        links = [Listed(url=f"{LIST}{'x' * 200}{number}.html") for number in range(2000)]
        archive.list_urls("example", LIST, links)
    return path


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_closed_pipe_ends_quietly(long_ledger: Path, form: tuple[str, ...]) -> None:
    program = [sys.executable, "-m", "storage.cli", "--archive", str(long_ledger), "ledger", *form]
    with subprocess.Popen(
        program, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(60) == 0
