"""Datasets are what was known at their moment: the same bytes, whatever is recorded later."""

import csv
import datetime as dt
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas
import pyarrow.parquet as pq
import pytest

from storage import Archive, Article, Capture, Query, verify_dataset
from storage.clock import now
from storage.export import parquet, plan
from storage.export.columns import BY_NAME
from storage.export.plan import Plan
from storage.warc_reading import iterate
from tests.backends import chiefly_sqlite
from tests.export_history import LONG, History, begin, go_on, made, url
from tests.records import capture

Opener = Callable[..., Archive]

QUERIES = {
    "all": Query(),
    "word": Query("养老"),
    "any version": Query("补贴 OR 托育", versions="all"),
    "without": Query("NOT 养老"),
    "phrase": Query('"5G 与 AI+"'),
    "in title": Query("title:第1篇 OR title:第11篇"),
    "gone": Query(gone=True),
    "there": Query(gone=False),
    "changed": Query(changed=True),
    "author": Query(author="王芳", portal="example", source="示例日报"),
    "layout": Query(layout="2026"),
    "document": Query(document="关于推进数据要素流通的若干措施"),
    "number": Query(document="示政发〔2026〕3号"),
    "region": Query(region="上海市"),
    "captured": Query(captured="2026-03-01"),
    "published": Query(published="2026-02..2026-03"),
    "nothing": Query(published="1999"),
}


def contents(folder: Path) -> dict[str, str]:
    """The digest of every file under a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def table(folder: Path, name: str) -> list[dict[str, object]]:
    """The rows of a table of a dataset in JSON lines."""
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]


def written(archive: Archive, folder: Path, query: Query | str = "", **of: object) -> Path:
    archive.export(folder, query, **({"format": "jsonl"} | of))  # type: ignore[arg-type]
    return folder


@pytest.mark.parametrize("every", [False, True], ids=["latest", "every version"])
@pytest.mark.parametrize("form", ["parquet", "jsonl", "csv", "warc"])
def test_a_moment_gives_the_same_bytes_after_all_that_can_happen(
    archive: Archive, tmp_path: Path, form: str, every: bool
) -> None:
    past = begin(archive)
    order = {"format": form, "with_text": True, "all_versions": every}
    first = archive.export(tmp_path / "first", **order)
    go_on(past)
    later = archive.export(tmp_path / "later", as_of=first.as_of, **order)
    assert later == first
    assert contents(tmp_path / "later") == contents(tmp_path / "first")
    today = archive.export(tmp_path / "today", **order)
    assert today.tables["captures"] > first.tables["captures"]  # there was something to leave out


def test_a_query_finds_what_it_found_at_the_moment(archive: Archive, tmp_path: Path) -> None:
    past = begin(archive)
    moment = now()
    found = {name: set(archive.search(query).article_ids()) for name, query in QUERIES.items()}
    assert found["word"] == {1, 4, 7}
    assert found["gone"] == {5}
    assert found["number"] == set()  # nobody has told it yet
    for name, query in QUERIES.items():
        written(archive, tmp_path / "then" / name, query, as_of=moment)
    go_on(past)
    for name, query in QUERIES.items():
        manifest = archive.export(tmp_path / "later" / name, query, format="jsonl", as_of=moment)
        rows = table(tmp_path / "later" / name, "articles")
        assert {row["article_id"] for row in rows} == found[name], name
        assert manifest.articles == len(found[name]), name
    assert contents(tmp_path / "later") == contents(tmp_path / "then")
    for name, query in QUERIES.items():  # and today's are today's
        folder = written(archive, tmp_path / "today" / name, query)
        now_found = set(archive.search(query).article_ids())
        assert {row["article_id"] for row in table(folder, "articles")} == now_found, name
    assert set(archive.search(QUERIES["word"]).article_ids()) == {4, 8, 9}
    assert set(archive.search(QUERIES["gone"]).article_ids()) == {4}
    assert set(archive.search(QUERIES["number"]).article_ids()) == {1, 11}


def test_states_are_those_of_the_moment(archive: Archive, tmp_path: Path) -> None:
    past = begin(archive)
    moment = now()
    go_on(past)
    then = written(archive, tmp_path / "then", as_of=moment, all_versions=True)
    today = written(archive, tmp_path / "today", all_versions=True)
    before = {row["article_id"]: row for row in table(then, "articles")}
    after = {row["article_id"]: row for row in table(today, "articles")}
    assert set(before) == set(range(1, 10))
    assert set(after) == set(range(1, 12))
    assert (before[1]["version"], after[1]["version"]) == (1, 2)
    assert before[4]["gone_at"] is None
    assert after[4]["gone_at"] == "2026-03-01T08:18:00.000000Z"  # the 18th visit, its first 404
    assert before[5]["gone_at"] == "2026-03-01T08:07:00.000000Z"
    assert after[5]["gone_at"] is None
    assert (before[6]["url"], after[6]["url"]) == (url(6), url(60))
    assert before[2]["last_checked_at"] == "2026-03-01T08:03:00.000000Z"
    assert str(after[2]["last_checked_at"]) > "2026-03-01T08:17:00"
    assert (before[3]["reprint_cluster"], after[3]["reprint_cluster"]) == (None, 3)
    assert after[10]["reprint_cluster"] == 3
    assert (before[8]["reader"], after[8]["reader"]) == ("1+aaaaaaaa", "2+bbbbbbbb")
    assert (before[7]["versions"], after[7]["versions"]) == (1, 2)
    suspects = [row["is_suspect"] for row in table(then, "captures") if row["article_id"] == 7]
    assert suspects == [False, True]
    assert not any(row["is_suspect"] for row in table(today, "captures"))
    (document,) = table(then, "documents")
    assert (document["title"], document["number"]) == ("关于推进数据要素流通的若干措施", None)
    (document,) = table(today, "documents")
    assert (document["number"], document["cited_by"]) == ("示政发〔2026〕3号", 2)


def test_rows_say_what_the_pages_say(archive: Archive, tmp_path: Path) -> None:
    """Read from ``tests.records.article`` by eye."""
    History(archive).visit(1, "近日印发《关于推进数据要素流通的若干措施》。")
    folder = written(archive, tmp_path / "out", with_text=True)
    (row,) = table(folder, "articles")
    text = "五个方面\n近日印发《关于推进数据要素流通的若干措施》。"
    assert row["text"] == text
    assert row["length"] == len(text)
    assert row["excerpt"] == "近日印发《关于推进数据要素流通的若干措施》。"
    assert (row["title"], row["column_tag"]) == ("第1篇", "政策解读")
    assert (row["authors"], row["editors"]) == (["王芳"], ["李明"])
    assert (row["origin_medium"], row["origin_page"]) == ("示例日报", "02")
    assert row["origin_date"] == row["published_date"] == row["day"] == "2026-02-28"
    assert row["published_at"] is None  # only its day is known
    assert row["posted_at"] == "2026-03-01T01:30:00.000000Z"  # 9:30 in Shanghai
    assert (row["posted_date"], row["posted_precision"]) == ("2026-03-01", "minute")
    assert row["permalink"] == f"{url(1)}#version=1&sha256={row['digest']}"
    blocks = table(folder, "blocks")
    assert [(b["kind"], b["level"], b["start"], b["end"], b["text"]) for b in blocks] == [
        ("heading", 2, 0, 4, "五个方面"),
        ("paragraph", None, 5, 27, "近日印发《关于推进数据要素流通的若干措施》。"),
        ("caption", None, None, None, "资料图"),
    ]
    assert blocks[2]["digest"] == hashlib.sha256("资料图".encode()).hexdigest()
    assert len({b["block_id"] for b in blocks}) == 3
    (edge,) = table(folder, "citations")
    assert (edge["relation"], edge["title"]) == ("cites", "关于推进数据要素流通的若干措施")
    (shown,) = table(folder, "captures")
    assert (shown["version"], shown["status"], shown["mime"]) == (1, 200, "text/html")


def test_full_text_stays_out_unless_asked_for(archive: Archive, tmp_path: Path) -> None:
    History(archive).visit(3, *LONG)
    for form in ("parquet", "jsonl", "csv"):
        folder = written(archive, tmp_path / form, format=form)
        for path in folder.rglob("*"):
            if path.suffix == ".parquet":
                assert "text" not in pq.read_schema(path).names, path
            elif path.is_file():
                assert LONG[5] not in path.read_text("utf-8-sig"), path
    names = {row for row in table(tmp_path / "jsonl", "blocks")[0]}
    assert "text" not in names
    (row,) = table(tmp_path / "jsonl", "articles")
    assert "text" not in row
    assert row["excerpt"] == LONG[0][:100]


def test_parquet_lies_by_year_and_portal(archive: Archive, tmp_path: Path) -> None:
    History(archive).visit(1, "一篇。")
    archive.add([made_capture(2)], made_without_portal(2))
    folder = written(archive, tmp_path / "out", format="parquet")
    places = {path.relative_to(folder).as_posix() for path in folder.rglob("articles/**/*.parquet")}
    assert places == {"articles/2026/example.parquet", "articles/2025/none+.parquet"}
    assert (folder / "regions/empty.parquet").exists()  # a table without rows can be loaded too


def test_csv_opens_in_excel(archive: Archive, tmp_path: Path) -> None:
    History(archive).visit(1, '引号"逗号,换行都在。', "第二段。")
    folder = written(archive, tmp_path / "out", format="csv", with_text=True)
    raw = (folder / "articles.csv").read_bytes()
    assert raw.startswith("\ufeffarticle_id,".encode())  # the mark by which Excel knows UTF-8
    assert raw.endswith(b"\r\n")
    with (folder / "articles.csv").open(encoding="utf-8-sig", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["text"] == '五个方面\n引号"逗号,换行都在。\n第二段。'
    assert (row["authors"], row["gone_at"]) == ("王芳", "")


def test_warc_holds_the_records_and_says_where(archive: Archive, tmp_path: Path) -> None:
    past = begin(archive)
    go_on(past)
    folder = written(archive, tmp_path / "out", "城市更新", format="warc", with_text=True)
    rows = table(folder, "captures")
    assert {row["article_id"] for row in rows} == {2}
    (path,) = folder.glob("*.warc.gz")
    records = {record.offset: record for record in iterate(path)}
    kinds = [record.type for record in records.values()]
    assert kinds[0] == "warcinfo"
    assert kinds.count("request") == len(rows) == len(archive.captures(2))
    for row, kept in zip(rows, archive.captures(2), strict=True):
        copy = records[int(str(row["warc_offset"]))]
        assert (row["warc_file"], row["warc_length"]) == (path.name, copy.length)
        assert copy.headers["WARC-Record-ID"] == row["warc_record_id"]
        if copy.type == "response":
            assert copy.body == archive.read_capture(kept.id).body


def test_a_moment_holds_a_visit_whole_or_not_at_all(archive: Archive, tmp_path: Path) -> None:
    past = begin(archive)
    past.visit(1, "近日印发的措施改了一处。", "养老服务也在其中。")
    whole = written(archive, tmp_path / "whole", all_versions=True)
    captures, versions = table(whole, "captures"), table(whole, "versions")
    at = {(row["article_id"], row["version"]): row["recorded_at"] for row in reversed(captures)}
    for row in versions:
        assert row["recorded_at"] == row["read_at"] == at[row["article_id"], row["version"]]
    edited = str(at[1, 2])
    for moment, version in ((edited, 2), (str(at[1, 1]), 1)):
        of = {"as_of": dt.datetime.fromisoformat(moment)}
        folder = written(archive, tmp_path / f"of version {version}", **of)
        rows = [row for row in table(folder, "articles") if row["article_id"] == 1]
        assert [row["version"] for row in rows] == [version]


def test_withdrawn_articles_are_in_no_dataset(archive: Archive, tmp_path: Path) -> None:
    past = begin(archive)
    moment = now()
    archive.withdraw(1, reason="court order", by="operator")
    for form in ("jsonl", "warc"):
        folder = written(
            archive, tmp_path / f"of {form}", as_of=moment, format=form, with_text=True
        )
        assert 1 not in {row["article_id"] for row in table(folder, "captures")}
    assert {row["article_id"] for row in table(tmp_path / "of jsonl", "articles")} == set(
        range(2, 10)
    )
    assert past.archive.export(tmp_path / "gone", "若干措施").articles == 0


# -- increments -----------------------------------------------------------------------------------


def apply_increment(old: Path, new: Path, name: str, key: str) -> list[object]:
    """A table of the old dataset brought up to date as the dataset card says."""
    replaced = {row["article_id"] for row in table(new, "articles")}
    replaced |= {row["article_id"] for row in table(new, "removed")}
    kept = [row for row in table(old, name) if row["article_id"] not in replaced]
    return sorted(kept + table(new, name), key=lambda row: str(row[key]))


@pytest.mark.parametrize("name", ["all", "word", "gone", "changed", "region"])
def test_an_increment_makes_the_old_dataset_the_new_one(
    archive: Archive, tmp_path: Path, name: str
) -> None:
    past = begin(archive)
    old = written(archive, tmp_path / "old", QUERIES[name], all_versions=True)
    go_on(past)
    archive.withdraw(2, reason="court order", by="operator")
    of = {"all_versions": True, "as_of": now()}
    whole = written(archive, tmp_path / "whole", QUERIES[name], **of)
    part = written(archive, tmp_path / "part", QUERIES[name], since=old, **of)
    for each, key in (
        ("articles", "article_id"), ("versions", "reading_id"), ("blocks", "block_id"),
        ("captures", "capture_id"),
    ):  # fmt: skip
        expected = sorted(table(whole, each), key=lambda row: str(row[key]))
        assert apply_increment(old, part, each, key) == expected, each
    assert table(part, "documents") == table(whole, "documents")
    assert verify_dataset(part)[1] == []


def test_an_increment_holds_only_what_is_new(archive: Archive, tmp_path: Path) -> None:
    past = begin(archive)
    old = written(archive, tmp_path / "old")
    past.visit(12, "新的一篇。")
    part = archive.export(tmp_path / "part", format="jsonl", since=old)
    assert [row["article_id"] for row in table(tmp_path / "part", "articles")] == [10]
    assert part.articles == 10
    assert part.since is not None
    assert part.tables["removed"] == 0
    again = archive.export(tmp_path / "again", format="jsonl", since=tmp_path / "part")
    assert again.tables["articles"] == 0


def test_an_increment_has_the_copies_of_what_was_withdrawn(
    archive: Archive, tmp_path: Path
) -> None:
    past = History(archive)
    for number in (1, 2, 3):
        past.visit(number, *LONG)
    old = written(archive, tmp_path / "old")
    archive.withdraw(1, reason="court order", by="operator")
    between = written(archive, tmp_path / "between", since=old)
    assert {row["reprint_cluster"] for row in table(between, "articles")} == {2}
    assert [row["article_id"] for row in table(between, "articles")] == [2, 3]
    archive.restore(1, reason="lifted", by="operator")
    after = written(archive, tmp_path / "after", since=between)
    assert [row["article_id"] for row in table(after, "articles")] == [1, 2, 3]
    assert {row["reprint_cluster"] for row in table(after, "articles")} == {1}


def test_an_increment_has_the_copies_of_what_was_erased(archive: Archive, tmp_path: Path) -> None:
    past = History(archive)
    for number in (1, 2, 3):
        past.visit(number, *LONG)
    past.visit(4, "不是谁的转载。")
    old = written(archive, tmp_path / "old")
    archive.withdraw(1, reason="court order", by="operator", erase=True)
    new = written(archive, tmp_path / "new", since=old)
    found = {row["article_id"]: row["reprint_cluster"] for row in table(new, "articles")}
    assert found == {2: 2, 3: 2}
    assert [row["article_id"] for row in table(new, "removed")] == [1]


def test_an_increment_has_articles_that_old_captures_turn_out_to_be_of(
    archive: Archive, tmp_path: Path
) -> None:
    past = History(archive)
    visit = past.fail(1)  # nothing is known of the article yet
    past.visit(1, "好不容易读到的一篇。")
    past.visit(2, "别的一篇。")
    old = written(archive, tmp_path / "old")
    archive.place_visit(visit, made(1, "好不容易读到的一篇。"))
    archive.close()
    whole = written(archive, tmp_path / "whole")
    part = written(archive, tmp_path / "part", since=old)
    assert [row["article_id"] for row in table(part, "articles")] == [1]
    for name, key in (("articles", "article_id"), ("captures", "capture_id")):
        expected = sorted(table(whole, name), key=lambda row: str(row[key]))
        assert apply_increment(old, part, name, key) == expected
    assert len(table(whole, "captures")) == len(table(old, "captures")) + 1


def test_a_return_that_a_later_reading_tells_was_not_known_before(
    archive: Archive, tmp_path: Path
) -> None:
    past = History(archive)
    past.visit(1, "一篇。")
    past.miss(1)
    past.miss(1)
    visit = past.fail(1)  # it is back, and nobody can read it
    moment = now()
    written(archive, tmp_path / "then", Query(gone=True), as_of=moment)
    archive.place_visit(visit, made(1, "一篇。"))
    assert archive.search(Query(gone=True)).count() == 0
    written(archive, tmp_path / "later", Query(gone=True), as_of=moment)
    assert contents(tmp_path / "later") == contents(tmp_path / "then")
    assert len(table(tmp_path / "later", "articles")) == 1


def test_a_copied_revisit_can_be_replayed(archive: Archive, tmp_path: Path) -> None:
    """The bytes were first fetched by a visit that could not be read, of no article yet."""
    page = capture(b"<p>the same</p>", url=url(1))
    unread = archive.add([page], None, failure="no content")
    archive.add([replace(page, captured_at=page.captured_at + dt.timedelta(1))], made(1, "一篇。"))
    moment = now()
    (first, _) = archive.captures()
    archive.place_visit(first.visit, made(1, "一篇。"))
    for folder, of in ((tmp_path / "then", {"as_of": moment}), (tmp_path / "today", {})):
        written(archive, folder, format="warc", with_text=True, **of)
        (path,) = folder.glob("*.warc.gz")
        kinds = [record.type for record in iterate(path)]
        assert sorted(kinds) == ["request", "request", "response", "revisit", "warcinfo"]
    assert [row["capture_id"] for row in table(tmp_path / "then", "captures")] == [2]
    assert len(table(tmp_path / "today", "captures")) == 2
    assert unread.capture_ids == (1,)


def test_odd_portals_keep_their_articles_apart(archive: Archive, tmp_path: Path) -> None:
    names = [None, "_", "..", ".a", "a/b", "aggregator:x.cn"]
    for number, portal in enumerate(names):
        read = replace(made(number, f"第{number}。"), portal=portal)
        archive.add([capture(b"%d" % number, url=url(number), portal=portal)], read)
    folder = written(archive, tmp_path / "out", format="parquet")
    frame = pandas.read_parquet(folder / "articles")
    assert sorted(frame["portal"].fillna("")) == sorted(name or "" for name in names)
    places = {path.name for path in (folder / "articles").rglob("*.parquet")}
    assert places == {
        "none+.parquet", "%5F.parquet", "%2E..parquet", "%2Ea.parquet", "a%2Fb.parquet",
        "aggregator%3Ax.cn.parquet",
    }  # fmt: skip
    assert verify_dataset(folder)[1] == []


def made_capture(number: int) -> Capture:
    return capture(b"x", url=url(number), portal=None)


def made_without_portal(number: int) -> Article:
    day = dt.datetime(2025, 5, 1, tzinfo=dt.UTC)
    return replace(made(number, "没有栏目。"), portal=None, published_at=day, origin=None)


@chiefly_sqlite
def test_portions_are_bounded_by_all_texts_that_are_read(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in memory at once: articles of many versions come alone when all are given."""
    past = History(archive)
    for number in (1, 2, 3):
        past.visit(number, f"第{number}篇文章" + "甲" * 90)  # of 100 with its heading
    for turn in "乙丙丁":
        past.visit(2, "第2篇文章" + turn * 90)
    monkeypatch.setattr(plan, "_CAPTURE", 0)

    def portions(weight: int, *, every_version: bool) -> list[list[int]]:
        monkeypatch.setattr(plan, "_WEIGHT", weight)
        with archive.engine.connect() as connection:
            made = Plan(connection, now(), None, every_version=every_version)
            return [portion.article_ids for portion in made]

    assert portions(300, every_version=False) == [[1, 2, 3]]
    assert portions(299, every_version=False) == [[1, 2], [3]]
    assert portions(1000, every_version=True) == [[1, 2, 3]]
    assert portions(300, every_version=True) == [[1], [2], [3]]


@pytest.mark.parametrize("limits", [(7, 10**9), (10**9, 100), (1, 1), (10**9, 10**9)])
def test_how_rows_come_makes_no_difference_to_a_parquet_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: tuple[int, int]
) -> None:
    """What else is recorded moves the portions in which an archive is read."""
    monkeypatch.setattr(parquet, "_GROUP_ROWS", limits[0])
    monkeypatch.setattr(parquet, "_GROUP_CHARACTERS", limits[1])
    columns = BY_NAME["statements"].columns_with(text=True)
    values = {
        "integer": lambda n: n, "boolean": lambda n: n % 2 == 0, "text": lambda n: "第" * n,
        "texts": lambda n: ["副部长", "主任"][: n % 3], "date": lambda n: dt.date(2026, 1, n),
        "time": lambda n: dt.datetime(2026, 1, n, tzinfo=dt.UTC),
    }  # fmt: skip
    rows = [
        tuple(None if n % 5 == 0 and not c.is_full_text else values[c.kind](n) for c in columns)
        for n in range(1, 31)
    ]
    made = []
    for size in (1, 4, 7, 11, 30):
        folder = tmp_path / str(size)
        table = parquet.ParquetTable(folder, BY_NAME["statements"], text=True)
        for start in range(0, len(rows), size):
            table.write(2026, "people", rows[start : start + size])
        (file,) = table.close()
        made.append(file.path.read_bytes())
        assert [tuple(row.values()) for row in pq.read_table(file.path).to_pylist()] == rows
    assert len(set(made)) == 1
    groups = {(7, 10**9): 5, (10**9, 100): 5, (1, 1): 30, (10**9, 10**9): 1}
    assert pq.read_metadata(file.path).num_row_groups == groups[limits]
