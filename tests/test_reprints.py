"""Reprints follow the readings: new versions, new readings, withdrawals, restores, two at once."""

import csv
import datetime as dt
import io
import json
import random
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from storage import (
    Archive,
    ArticleNotFound,
    ArticleWithdrawn,
    Origin,
    PolicyEntities,
    QueryError,
    ReprintCluster,
    reprint_buckets,
)
from storage import reprint_links as links
from storage.backup import backup, restore
from storage.check import check, repair
from storage.cli.app import main
from storage.entities import Hop
from storage.reprint_clusters import clusters
from storage.reprint_schema import BandRow, ReprintLinkRow, SignatureRow
from tests.records import article, capture
from tests.reprint_corpus import Newsroom, Paragraphs, make_pieces
from tests.reprint_loading import load_pieces

Opener = Callable[..., Archive]
Jiedu = Callable[..., tuple[int, str, str]]
ROOM = Newsroom()
TEXT, OTHER = ROOM.write(1), ROOM.write(2)


def url(number: int) -> str:
    return f"http://news.example.cn/jiedu/{number}.html"


def add(
    archive: Archive, number: int, texts: Paragraphs, *, minute: int = 0, reader: str = "1+aaaaaaaa"
) -> None:
    """A visit to the article of a number; the first one added is the archive's article 1."""
    page = capture(f"{number} {minute}".encode(), url=url(number), minute=minute)
    archive.add([page], article(*texts, url=url(number), reader=reader))


def found(archive: Archive, as_of: dt.datetime | None = None) -> dict[int, int]:
    with archive.engine.connect() as connection:
        return clusters(connection, as_of)


def trimmed(texts: Paragraphs) -> Paragraphs:
    return ROOM.trim(texts, random.Random(5))


def rows_of(archive: Archive) -> dict[str, list[object]]:
    with archive.engine.connect() as connection:
        return {
            table.__tablename__: sorted(
                tuple(row) for row in connection.execute(select(table.__table__))
            )
            for table in (SignatureRow, BandRow, ReprintLinkRow)
        }


def test_copies_are_found_as_they_come(archive: Archive) -> None:
    add(archive, 1, TEXT)
    assert found(archive) == {}
    add(archive, 2, OTHER)
    add(archive, 3, trimmed(TEXT))
    assert found(archive) == {1: 1, 3: 1}
    add(archive, 4, ROOM.edit(OTHER, random.Random(1)))
    add(archive, 5, ROOM.put_under_new_head(trimmed(TEXT), random.Random(1)))
    assert found(archive) == {1: 1, 3: 1, 5: 1, 2: 2, 4: 2}
    assert check(archive).is_sound


def test_a_new_version_has_links_of_its_own_and_the_past_keeps_the_old_ones(
    archive: Archive,
) -> None:
    add(archive, 1, TEXT)
    add(archive, 2, TEXT[::-1])
    before = dt.datetime.now(dt.UTC)
    add(archive, 2, OTHER, minute=1)
    assert found(archive) == {}
    assert found(archive, before) == {1: 1, 2: 1}
    add(archive, 3, OTHER)
    assert found(archive) == {2: 2, 3: 2}
    assert found(archive, before) == {1: 1, 2: 1}
    assert found(archive, dt.datetime.now(dt.UTC)) == found(archive)
    assert found(archive, archive.version(1).recorded_at) == {}
    with pytest.raises(QueryError, match="no time zone"):
        found(archive, dt.datetime(2026, 3, 1))  # noqa: DTZ001


def test_another_reading_takes_the_place_of_the_one_before(archive: Archive) -> None:
    add(archive, 1, TEXT)
    add(archive, 2, OTHER)
    add(archive, 3, OTHER)
    assert found(archive) == {2: 2, 3: 2}
    archive.add_reading(archive.version(2).id, article(*TEXT, url=url(2), reader="2+b"))
    assert found(archive) == {1: 1, 2: 1}
    assert archive.reprints(3).members[0].comparison is None
    with archive.engine.connect() as connection:  # one signature an article, with its 32 bands
        rows = connection.execute(
            select(SignatureRow.reading_id).where(SignatureRow.hashes.is_not(None))
        )
        assert [row.reading_id for row in rows] == [1, 3, 4]
        counted = select(BandRow.signature_id, func.count()).group_by(BandRow.signature_id)
        assert dict(connection.execute(counted).all()) == {1: 32, 3: 32, 4: 32}


def test_a_reading_of_an_older_version_changes_nothing(archive: Archive) -> None:
    add(archive, 1, TEXT)
    add(archive, 2, TEXT)
    add(archive, 2, OTHER, minute=1)
    archive.add_reading(archive.version(2, 1).id, article(*TEXT, url=url(2), reader="2+b"))
    assert found(archive) == {}


def test_a_withdrawn_article_has_no_copies_until_it_is_restored(archive: Archive) -> None:
    for number in (1, 2, 3):
        add(archive, number, TEXT)
    archive.withdraw(url(1), "personal data", by="an archivist")
    assert found(archive) == found(archive, dt.datetime.now(dt.UTC)) == {2: 2, 3: 2}
    assert [member.article_id for member in archive.reprints(2).members] == [2, 3]
    with pytest.raises(ArticleWithdrawn):
        archive.reprints(1)
    add(archive, 4, TEXT)
    archive.restore(url(1), "by mistake", by="an archivist")
    assert found(archive) == {1: 1, 2: 1, 3: 1, 4: 1}


def test_an_erased_article_leaves_nothing_of_its_text(archive: Archive) -> None:
    for number in (1, 2, 3):
        add(archive, number, TEXT)
    archive.withdraw(url(2), "personal data", by="an archivist", erase=True)
    assert found(archive) == {1: 1, 3: 1}
    left = rows_of(archive)
    assert [row[0] for row in left["signatures"]] == [1, 3]  # type: ignore[index]
    assert {row[1] for row in left["signature_bands"]} == {1, 3}  # type: ignore[index]
    assert [row[:2] for row in left["reprint_links"]] == [(3, 1)]  # type: ignore[index]


def test_short_texts_take_no_part(archive: Archive) -> None:
    for number in (1, 2):
        add(archive, number, ("一图读懂新政策，扫码看全文。",))
    assert found(archive) == {}
    alone = archive.reprints(2)
    assert [member.article_id for member in alone.members] == [2]
    with pytest.raises(ArticleNotFound):
        archive.reprints(9)


def test_a_full_bucket_takes_no_more_and_later_copies_still_meet_the_first(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reprint_buckets, "FULL", 3)
    for number in range(1, 7):
        add(archive, number, TEXT)
    assert found(archive) == dict.fromkeys(range(1, 7), 1)
    with archive.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(BandRow)) == 3 * 32
        assert connection.scalar(select(func.count()).select_from(ReprintLinkRow)) == 1 + 2 + 9
        assert connection.scalar(select(func.max(BandRow.signature_id))) == 3
    add(archive, 1, OTHER, minute=1)  # leaves its place in the buckets
    assert found(archive) == dict.fromkeys(range(2, 7), 2)


def test_two_copies_added_at_once_find_each_other(
    archive: Archive, open_archive: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first addition stays uncommitted until the second has ended, or waits for it."""
    import storage.writing

    settle, second_ended = storage.writing.settle, threading.Event()
    first = threading.current_thread()
    is_first_linked = threading.Event()

    def slowly(*arguments: object, **named: object) -> object:
        if threading.current_thread() is first:
            is_first_linked.set()
            while not second_ended.wait(0.02) and not is_waited_for(other):
                pass
        return settle(*arguments, **named)  # type: ignore[arg-type]

    other = open_archive()
    for opened in (archive, other):
        opened.begin_crawl("test")

    def add_second() -> None:
        is_first_linked.wait(10)
        add(other, 2, trimmed(TEXT))
        second_ended.set()

    monkeypatch.setattr(storage.writing, "settle", slowly)
    second = threading.Thread(target=add_second)
    second.start()
    add(archive, 1, TEXT)
    second.join(20)
    assert second_ended.is_set()
    assert sorted(found(archive)) == [1, 2]


def is_waited_for(archive: Archive) -> bool:
    """Whether a process waits for another; on SQLite it does as soon as it wants to write."""
    if archive.engine.dialect.name == "sqlite":
        return True
    query = (
        "SELECT EXISTS (SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid)"
        " WHERE NOT granted AND datname = current_database())"
    )
    with archive.engine.connect() as connection:
        return bool(connection.scalar(text(query)))


def test_an_older_archive_gets_the_links_it_would_have_had(archive: Archive) -> None:
    add(archive, 1, TEXT)
    add(archive, 2, TEXT)
    add(archive, 2, OTHER, minute=1)
    add(archive, 3, trimmed(TEXT))
    add(archive, 4, ("太短。",))
    archive.add_reading(archive.version(3).id, article(*OTHER, url=url(3), reader="2+b"))
    archive.withdraw(url(4), "personal data", by="an archivist")
    live = rows_of(archive)
    assert [row[:2] for row in live["reprint_links"]] == [(2, 1), (4, 1), (6, 3)]  # type: ignore[index]
    with archive.engine.execution_options(writes=True).begin() as connection:
        for table in live:
            connection.execute(text(f"DELETE FROM {table}"))
        assert links.link_missing(connection) == 6
        assert links.link_missing(connection) == 0
        if connection.dialect.name == "postgresql":  # a server has room for some thousand locks
            held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            assert connection.scalar(text(held)) == 0
    assert rows_of(archive) == live


def test_a_check_sees_what_was_not_compared_and_a_repair_compares_it(archive: Archive) -> None:
    for number in (1, 2, 3):
        add(archive, number, TEXT)
    archive.withdraw(url(3), "personal data", by="an archivist", erase=True)
    assert check(archive).is_sound
    with archive.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("DELETE FROM reprint_links"))
        connection.execute(text("DELETE FROM signatures WHERE reading_id = 2"))
    told = [finding for finding in check(archive).findings if finding.level != "information"]
    assert {(finding.level, finding.where, finding.what) for finding in told} == {
        ("warning", "signatures", "1 reading(s) were never compared with others to find reprints"),
        ("error", "signature_bands 2", "it is in buckets but has no signature"),
    }
    with archive.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("DELETE FROM signature_bands WHERE signature_id = 2"))
    done = repair(archive, check(archive))
    assert "1 reading(s) compared with others to find reprints" in done
    assert check(archive).is_sound
    assert found(archive) == {1: 1, 2: 1}


def test_a_backup_keeps_the_links(archive: Archive, tmp_path: Path) -> None:
    add(archive, 1, TEXT)
    add(archive, 2, TEXT)
    backup(archive, tmp_path / "backup")
    before = rows_of(archive)
    with Archive.open(tmp_path / "again.db", create=True, warc=tmp_path / "w") as again:
        restore(tmp_path / "backup", again)
        assert rows_of(again) == before
        add(again, 3, trimmed(TEXT))
        assert found(again) == {1: 1, 2: 1, 3: 1}


def rates(archive: Archive, count: int, *, copied: float) -> tuple[float, float]:
    """Recall and precision of the clusters among generated articles."""
    pieces = make_pieces(count, copied=copied)
    load_pieces(archive, pieces)
    family = {piece.number: piece.family for piece in pieces}
    together = found(archive)
    first = {p.family: p.number for p in pieces if p.kind in ("original", "issue")}
    copies = [(p.number, first[p.family]) for p in pieces if p.number != first[p.family]]
    assert len(copies) == int(count * copied)
    met = sum(a in together and together[a] == together.get(b) for a, b in copies)
    members: dict[int, list[int]] = {}
    for number, cluster in together.items():
        members.setdefault(cluster, []).append(family[number])
    pairs = [(a, b) for some in members.values() for n, a in enumerate(some) for b in some[:n]]
    return met / len(copies), sum(a == b for a, b in pairs) / len(pairs)


def test_copies_of_all_kinds_are_found_and_nothing_else(archive: Archive) -> None:
    recall, precision = rates(archive, 300, copied=0.4)
    assert recall >= 0.99
    assert precision >= 0.99


@pytest.mark.soak
def test_they_are_among_20_000_articles_too(archive: Archive) -> None:
    recall, precision = rates(archive, 20_000, copied=0.1)
    assert recall >= 0.99
    assert precision >= 0.99


# -- what is shown ------------------------------------------------------------------------------


@pytest.fixture
def family(archive: Archive) -> ReprintCluster:
    """Four articles, of which 2 is a cut copy of 1, and 3 is 1 with a head; 4 is another text."""
    add(archive, 1, TEXT)
    add(archive, 2, TEXT[:-1])
    add(archive, 3, ("编者按：请看。", *TEXT))
    add(archive, 4, OTHER)
    return archive.reprints(2)


def letters(texts: Paragraphs) -> int:
    """With the heading that ``article`` puts before them."""
    return sum(c.isalnum() for c in "".join(("五个方面", *texts)))


def test_a_cluster_tells_what_each_kept_cut_and_added(family: ReprintCluster) -> None:
    assert (family.id, [member.article_id for member in family.members]) == (1, [1, 2, 3])
    assert family.basis.startswith("of those dated 2026-02-28 it was")
    first, cut, headed = family.members
    assert first.comparison is None
    assert (first.outlet, first.date, first.version) == ("示例日报", dt.date(2026, 2, 28), 1)
    assert cut.comparison is not None
    assert headed.comparison is not None
    assert (cut.comparison.kept, cut.comparison.added) == (letters(TEXT[:-1]), 0)
    assert cut.comparison.cut == letters(TEXT) - letters(TEXT[:-1])
    (passage,) = cut.comparison.passages
    assert (passage.kind, passage.block, passage.text) == ("cut", len(TEXT) + 1, TEXT[-1])
    assert (headed.comparison.kept, headed.comparison.cut) == (letters(TEXT), 0)
    assert [p.text for p in headed.comparison.passages] == ["编者按：请看。"]
    assert headed.comparison.added == 5


def test_whom_a_page_credits_decides_which_is_the_earliest(archive: Archive) -> None:
    """By the link in its source line, by an outlet its text names, by its print origin."""
    paper = "http://paper.people.com.cn/rmrb/2026-03/09/nw.htm"
    pages: list[tuple[str, dict[str, object]]] = [
        ("http://a.example.cn/1.html", {"source_url": "http://www.gov.cn/old.htm"}),
        ("http://www.gov.cn/new.htm", {"origin": Origin(medium="人民日报")}),
        (paper, {"origin": None, "published_at": None, "source": None}),
        (
            "http://b.example.cn/1.html",
            {"source": None, "origin": None, "policy": from_the_paper()},
        ),
    ]
    for number, (address, fields) in enumerate(pages):
        hops = [capture(str(number).encode(), url=address, portal=None)]
        if "new" in address:
            old = capture(b"", url="http://www.gov.cn/old.htm", status=301, page=None)
            hops.insert(0, old)
        archive.add(hops, replace(article(*TEXT, url=address), **fields))  # type: ignore[arg-type]
    cluster = archive.reprints(1)
    assert (cluster.origin.url, cluster.origin.outlet) == (paper, None)
    assert cluster.basis == (
        "credited as the source by 2 of 3 others, although article 1 bears the date 2026-02-28"
    )
    archive.withdraw(paper, "personal data", by="an archivist")
    cluster = archive.reprints(1)  # now the page that the first one links to
    assert cluster.origin.url == "http://www.gov.cn/new.htm"
    assert cluster.basis == "credited as the source by 1 of 2 others"


def from_the_paper() -> PolicyEntities:
    hop = Hop(relation="据", outlet="人民日报", start=0, end=4, block=0)
    return PolicyEntities(hops=(hop,))


@pytest.mark.usefixtures("family")
def test_clusters_are_listed_by_size(archive: Archive) -> None:
    assert [len(cluster.members) for cluster in archive.reprint_clusters()] == [3]
    add(archive, 5, OTHER)
    listed = archive.reprint_clusters(portal="example")
    assert [(cluster.id, len(cluster.members)) for cluster in listed] == [(1, 3), (4, 2)]
    assert archive.reprint_clusters(limit=1) == listed[:1]
    assert archive.reprint_clusters(portal="unheard") == []


@pytest.fixture
def jiedu(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], archive_url: str
) -> Jiedu:
    """Run `jiedu`; its exit status, output and errors."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["jiedu", "--archive", archive_url, *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


@pytest.mark.usefixtures("family")
def test_the_command_shows_a_cluster_in_every_form(jiedu: Jiedu) -> None:
    status, output, errors = jiedu("reprints", url(3), "--blocks")
    assert (status, errors) == (0, "")
    for part in ("3 copies; article 1 counts as the earliest", url(2), "+ block 2 here: 编者按"):
        assert part in output
    members = [json.loads(line) for line in jiedu("reprints", 1, "--json")[1].splitlines()]
    assert [(m["article_id"], m["is_origin"], m["cut"]) for m in members] == [
        (1, True, None), (2, False, letters(TEXT) - letters(TEXT[:-1])), (3, False, 0),
    ]  # fmt: skip
    last = json.loads(jiedu("reprints", 1, "--json", "--blocks")[1].splitlines()[-1])
    assert last["passages"] == [{"kind": "added", "block": 2, "text": "编者按：请看。"}]
    rows = list(csv.DictReader(io.StringIO(jiedu("reprints", 1, "--csv")[1])))
    assert [(row["article_id"], row["added"]) for row in rows] == [
        ("1", ""),
        ("2", "0"),
        ("3", "5"),
    ]
    assert "no copy of it is known in this archive" in jiedu("reprints", 4)[1]


@pytest.mark.usefixtures("family")
def test_the_command_lists_clusters_and_says_what_is_wrong(jiedu: Jiedu) -> None:
    (line,) = (json.loads(line) for line in jiedu("reprints", "--json")[1].splitlines())
    assert (line["cluster"], line["articles"], line["portals"]) == (1, 3, ["example"])
    assert "示例日报" in jiedu("reprints")[1]
    assert "no article has a copy here" in jiedu("reprints", "--portal", "unheard")[1]
    assert jiedu("reprints", 9)[0] == 1
    assert jiedu("reprints", "nowhere", "--json")[0] == 1
    for wrong in (("--blocks",), (1, "--portal", "x"), ("--json", "--csv"), ("--limit", 0)):
        assert jiedu("reprints", *wrong)[0] == 2
