"""`jiedu search`, `timeline` and `stats`: what they print, and one line for what is wrong."""

import csv
import datetime as dt
import io
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rich.text import Text

from storage import Archive, Block, Query, place_blocks
from storage.cli import search
from storage.cli.app import main
from storage.record import SHANGHAI
from tests.records import URL, article, capture

Jiedu = Callable[..., tuple[int, str, str]]
OTHER = "http://news.example.cn/jiedu/1002.html"


@pytest.fixture
def jiedu(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    archive: Archive,
    archive_url: str,
) -> Jiedu:
    """Run `jiedu` on an archive of two articles; its exit status, output and errors."""
    archive.add([capture()], article())
    other = article("养老服务，逐步完善。", url=OTHER, title="养老")
    archive.add([capture(b"<p>other</p>", url=OTHER, minute=1)], other)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["jiedu", "--archive", archive_url, *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def test_search_prints_title_date_address_and_snippet(jiedu: Jiedu) -> None:
    status, output, errors = jiedu("search", "2027年")
    assert (status, errors) == (0, "")
    for part in ("数据要素怎样流通（政策解读）", "2026-02-28", URL, "到2027年，", "1 article"):
        assert part in output
    assert OTHER not in output


def test_json_and_csv_say_the_same(jiedu: Jiedu) -> None:
    status, output, errors = jiedu("search", "服务 OR 数据", "--json", "--sort", "oldest")
    assert (status, errors) == (0, "")
    hits = [json.loads(line) for line in output.splitlines()]
    assert [hit["url"] for hit in hits] == [URL, OTHER]
    assert hits[0]["published_date"] == "2026-02-28"
    marks = hits[1]["snippet"]["marks"]
    assert [hits[1]["snippet"]["text"][a:b] for a, b in marks] == ["服务"]
    rows = list(csv.DictReader(io.StringIO(jiedu("search", "服务 OR 数据", "--csv")[1])))
    assert [row["url"] for row in rows] == [OTHER, URL]
    assert rows[1]["authors"] == "王芳"


def test_the_cursor_leads_to_the_next_page(jiedu: Jiedu) -> None:
    status, output, errors = jiedu("search", "--json", "--limit", 1)
    assert (status, json.loads(output)["url"]) == (0, OTHER)
    cursor = errors.split()[-1]
    status, output, errors = jiedu("search", "--json", "--limit", 1, "--cursor", cursor)
    assert (status, json.loads(output)["url"], errors) == (0, URL, "")
    assert jiedu("search", "数据", "--cursor", cursor)[0] == 2


def test_a_timeline_has_its_empty_steps(jiedu: Jiedu, archive: Archive) -> None:
    for number, date in enumerate((dt.date(2025, 11, 30), dt.date(2023, 5, 1))):
        at = f"http://news.example.cn/{number}.html"
        page = capture(str(number).encode(), url=at, minute=2 + number)
        posted = {"posted_at": dt.datetime.combine(date, dt.time(), SHANGHAI)}
        unsaid = dict.fromkeys(("published_at", "published_precision", "published_basis", "origin"))
        archive.add([page], replace(article("托育。", url=at), **posted, **unsaid))
    assert jiedu("timeline", "--by", "year", "--csv")[1] == (
        "year,articles\n2023,1\n2024,0\n2025,1\n2026,2\n"
    )
    months = jiedu("timeline", "published:2025..2026 OR posted:2025..2026", "--csv")[1]
    assert months == "month,articles\n2025-11,1\n2025-12,0\n2026-01,0\n2026-02,2\n"
    assert jiedu("timeline", "没有的词", "--csv")[1] == "month,articles\n"


def test_counts_agree(jiedu: Jiedu) -> None:
    assert jiedu("search", "--count")[1] == "2\n"
    facets = [json.loads(line) for line in jiedu("search", "--facets", "--json")[1].splitlines()]
    assert {"facet": "portal", "value": "example", "articles": 2} in facets
    assert jiedu("timeline", "--csv")[1] == "month,articles\n2026-02,2\n"
    assert jiedu("timeline", "养老", "--by", "year", "--csv")[1] == "year,articles\n2026,1\n"
    stats = jiedu("stats", "--csv")[1].splitlines()
    assert stats[1] == "articles,,2"
    assert stats[-1] == "articles,example,2"


def test_a_pipe_gets_every_value_of_a_facet(jiedu: Jiedu, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_SHOWN", 0)  # a terminal would be shown none
    lines = jiedu("search", "--facet", "portal", "--facet", "channel")[1].splitlines()
    assert lines == ["facet\tvalue\tarticles", "portal\texample\t2", "channel\t(none)\t2"]


def test_a_terminal_gets_the_latest_months_and_the_most_frequent_sources(
    jiedu: Jiedu, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        at, name = dt.datetime(2025, number, 5, tzinfo=SHANGHAI), f"{URL}{number}"
        read = replace(article(url=name), source="别报", published_at=at)
        archive.add([capture(b"%d" % number, url=name)], read)
    monkeypatch.setattr(search, "_SHOWN", 1)
    monkeypatch.setenv("FORCE_COLOR", "1")  # as on a terminal
    monkeypatch.setenv("NO_COLOR", "1")
    counts = archive.search(Query()).facets("month", "source")
    assert list(counts["month"].items()) == [("2025-01", 1), ("2025-02", 1), ("2026-02", 2)]
    shown = Text.from_ansi(jiedu("search", "--facet", "month", "--facet", "source")[1]).plain
    rows = [line.split() for line in shown.splitlines()[1:]]
    assert rows == [
        ["month", "2026-02", "2"],
        ["month", "...", "and", "2", "earlier"],
        ["source", "别报", "2"],
        ["source", "...", "and", "1", "more"],
    ]


def test_a_snippet_of_a_table_is_one_line(jiedu: Jiedu, archive: Archive) -> None:
    read = article(url=f"{URL}t")
    cells = Block(kind="table", text="城市\t额度\n北京\t100张消费券")
    archive.add([capture(b"t", url=read.url)], replace(read, blocks=place_blocks([cells])))
    assert "    城市 额度 北京 100张消费券" in jiedu("search", "消费券")[1].splitlines()


NONSENSE = (
    (['"数据'], "never closed"),
    (["(数据"], "never closed"),
    (["数据)"], "closes nothing"),
    (["数据 OR"], "missing"),
    (["foo:bar"], "unknown field 'foo'"),
    (["type:x"], "type:x: there is no such type; there are official, expert"),
    (["published:2024-13"], "there is no 2024-13"),
    (["--published", "yesterday"], "no date"),
    (["--posted", "2025..2024"], "after"),
    (["--cursor", "nonsense"], "no cursor"),
    ([" , ".replace(",", '""')], "empty word"),
)
SYNTAX = ("*", "^", "NEAR(a", "%", "_", "'", "\\", "--x", '"\\""', "-a")


def test_a_query_that_makes_no_sense_is_one_line(jiedu: Jiedu) -> None:
    for arguments, part in NONSENSE:
        status, output, errors = jiedu("search", *arguments)
        assert (status, output, errors.count("\n")) == (2, "", 1), arguments
        assert errors.startswith("jiedu: "), arguments
        assert part in errors, arguments


def test_what_databases_read_as_syntax_is_searched_for(jiedu: Jiedu) -> None:
    found = {word: jiedu("search", "--count", "--", word)[:2] for word in SYNTAX}
    assert found == dict.fromkeys(SYNTAX, (0, "0\n"))


def test_a_query_may_come_in_several_words(jiedu: Jiedu) -> None:
    for words, count in (
        ("2027年 数据", 1),
        ("养老 OR 数据", 2),
        ("NOT 养老", 1),
        ("养老 数据", 0),
    ):
        for arguments in ((words,), words.split()):
            assert jiedu("search", "--count", *arguments) == (0, f"{count}\n", ""), arguments
    assert jiedu("timeline", "养老", "OR", "数据", "--by", "year", "--csv")[1].endswith(",2\n")


def test_options_say_what_fields_say(jiedu: Jiedu) -> None:
    for options, ids in (
        (("--type", "official"), []),
        (("--layout", "2023", "--unchanged"), [2, 1]),
        (("--changed",), []),
        (("--portal", "example", "--source", "示例日报", "--author", "王芳"), [2, 1]),
        (("--agency", "国家数据局"), []),
        (("--document", "1", "--official", "某人", "--region", "310107"), []),
        (("--not-gone", "--published", "2026-02-28"), [2, 1]),
    ):
        status, output, errors = jiedu("search", "--csv", *options)
        assert (status, errors) == (0, "")
        assert [int(row["article_id"]) for row in csv.DictReader(io.StringIO(output))] == ids
        assert output.startswith("article_id,version,url,title,")  # no mark before it in a pipe


def test_an_archive_that_is_none_is_told_from_a_query_that_makes_no_sense(
    jiedu: Jiedu, tmp_path: Path
) -> None:
    assert jiedu("search", "没有的词", "--csv")[0] == 0
    assert jiedu("search", "--type", "其他")[0] == 2
    assert jiedu("--archive", tmp_path / "none.db", "search", "数据")[0] == 1


def test_both_forms_at_once_are_wrong_usage(jiedu: Jiedu) -> None:
    assert jiedu("search", "--json", "--csv")[0] == 2
