"""The search index follows the readings: new ones, withdrawn ones, those of older archives."""

import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from storage import Archive, Query, QueryError
from storage.indexing import index_missing, reindex, unindex
from tests.records import URL, article, capture
from tests.search_corpus import Corpus
from tests.search_loading import load

Opener = Callable[..., Archive]
OTHER = "http://news.example.cn/jiedu/1002.html"


def count(archive: Archive, words: str, versions: str = "latest") -> int:
    return archive.search(Query(words, versions=versions)).count()  # type: ignore[arg-type]


def texts_of(words: str) -> Iterator[str]:
    yield from (f"{words}第{number}段。" for number in range(3))


def test_a_new_version_takes_the_place_of_the_one_before(archive: Archive) -> None:
    archive.add([capture()], article(*texts_of("甲乙")))
    archive.add([capture(b"2", minute=1)], article(*texts_of("丙丁")))
    assert (count(archive, "甲乙"), count(archive, "丙丁")) == (0, 1)
    assert (count(archive, "甲乙", "all"), count(archive, "丙丁", "all")) == (1, 1)
    assert count(archive, "甲乙 丙丁", "all") == 1  # each in a version of its own
    assert count(archive, "丙丁 NOT 甲乙", "all") == 0


def test_a_new_reading_takes_the_place_of_the_one_before(archive: Archive) -> None:
    archive.add([capture()], article(*texts_of("甲乙")))
    (version,) = archive.versions(URL)
    assert archive.add_reading(version.id, article(*texts_of("戊己"), reader="2+bbbbbbbb"))
    assert (count(archive, "甲乙", "all"), count(archive, "戊己")) == (0, 1)


def test_a_reading_of_an_older_version_stays_one(archive: Archive) -> None:
    archive.add([capture()], article(*texts_of("甲乙")))
    archive.add([capture(b"2", minute=1)], article(*texts_of("丙丁")))
    first, _ = archive.versions(URL)
    archive.add_reading(first.id, article(*texts_of("戊己"), reader="2+bbbbbbbb"))
    assert (count(archive, "戊己"), count(archive, "戊己", "all")) == (0, 1)
    assert (count(archive, "丙丁"), count(archive, "")) == (1, 1)


def test_an_article_is_taken_out_and_put_back(archive: Archive) -> None:
    archive.add([capture()], article(*texts_of("甲乙")))
    archive.add([capture(b"2", minute=1)], article(*texts_of("丙丁")))
    archive.add([capture(url=OTHER)], article(*texts_of("丙丁"), url=OTHER))
    with archive._engine.execution_options(writes=True).begin() as connection:
        unindex(connection, 1)
    assert (count(archive, "甲乙", "all"), count(archive, "丙丁"), count(archive, "")) == (0, 1, 1)
    with archive._engine.execution_options(writes=True).begin() as connection:
        reindex(connection, 1)
    assert (count(archive, "甲乙"), count(archive, "甲乙", "all")) == (0, 1)
    assert count(archive, "丙丁") == 2


def test_a_withdrawn_article_is_not_found_and_an_erased_one_leaves_no_tokens(
    archive: Archive,
) -> None:
    archive.add([capture()], article("罕见"))
    archive.add([capture(url=OTHER)], article("常见", url=OTHER))
    archive.withdraw(URL, "personal data", by="an archivist")
    assert (count(archive, "罕见", "all"), count(archive, "")) == (0, 1)
    archive.restore(URL, "by mistake", by="an archivist")
    assert (count(archive, "罕见"), count(archive, "")) == (1, 2)
    assert {"罕见", "罕"} <= tokens(archive)
    archive.withdraw(URL, "personal data", by="an archivist", erase=True)
    assert (count(archive, "罕见", "all"), count(archive, "常见")) == (0, 1)
    assert not {"罕见", "罕"} & tokens(archive)
    with archive.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            return
        for table in ("search_index", "search_index_texts"):
            assert connection.scalars(text(f"SELECT version_id FROM {table}")).all() == [2]


def tokens(archive: Archive) -> set[str]:
    """All tokens that the index has rows for."""
    with archive.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            query = "SELECT DISTINCT unnest(tsvector_to_array(tokens)) FROM search_index"
            return set(connection.scalars(text(query)))
        found: set[str] = set()
        for table in ("search_index", "search_index_characters"):
            words = f"temp.words_of_{table}"
            connection.execute(
                text(f"CREATE VIRTUAL TABLE {words} USING fts5vocab(main, {table}, row)")
            )
            found |= set(connection.scalars(text(f"SELECT term FROM {words}")))
            connection.execute(text(f"DROP TABLE {words}"))
        return found


def test_what_was_never_indexed_is_indexed_once(archive: Archive) -> None:
    corpus = Corpus(characters=60)
    load(archive, [corpus.make(number) for number in range(1, 6)], is_indexed=False)
    assert count(archive, "") == 0
    with archive._engine.execution_options(writes=True).begin() as connection:
        assert index_missing(connection) >= 5
        assert index_missing(connection) == 0
    assert count(archive, "") == 5


def test_a_text_of_too_many_different_tokens_is_found_too(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.add([capture()], article("甲乙丙丁。", "5G。"))
    monkeypatch.setattr("storage.indexing._MAX_LEXEME_BYTES", 10)  # of PostgreSQL's index
    archive.add([capture(url=OTHER)], article("乙丙丁戊。", "5G。", url=OTHER))
    found = {"丙": [1, 2], "丙丁": [1, 2], "乙丙丁": [1, 2], "丙丁戊": [2], "NOT 甲乙丙": [2]}
    for words, ids in found.items():
        assert sorted(archive.search(words).article_ids()) == ids, words
        assert sorted(hit.article_id for hit in archive.search(words).page().hits) == ids, words
        assert sum(archive.search(words).facets()["portal"].values()) == len(ids), words


def test_a_failed_addition_leaves_no_entry(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr("storage.writing.settle", fail)
    with pytest.raises(RuntimeError):
        archive.add([capture()], article(*texts_of("甲乙")))
    assert (count(archive, ""), count(archive, "甲乙")) == (0, 0)


def test_pages_follow_one_another_without_gap_or_repetition(archive: Archive) -> None:
    corpus = Corpus(characters=60)
    load(archive, [corpus.make(number) for number in range(1, 60)])
    for sort, words in itertools.product(("newest", "oldest", "relevance"), ("", "的 OR 是", "，")):
        results = archive.search(Query(words, sort=sort))  # type: ignore[arg-type]
        found, cursor = [], None
        while True:
            page = results.page(7, cursor)
            found += [hit.article_id for hit in page.hits]
            cursor = page.cursor
            if cursor is None:
                break
        assert found == results.article_ids() == [hit.article_id for hit in results]
        assert len(found) == results.count()
        days = [hit.day for hit in results]
        if sort != "relevance":
            assert days == sorted(days, reverse=sort == "newest")


def test_a_page_is_full_however_many_texts_have_only_the_pairs_of_a_word(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.results._FIRST_LOOKED_AT", (1,))
    monkeypatch.setattr("storage.results._FIRST_CANDIDATES", 3)
    monkeypatch.setattr("storage.results._FIRST_COMPARED", 1)
    for number in range(1, 13):
        url = f"http://news.example.cn/jiedu/{number}.html"
        words = "甲乙丙。" if number % 5 == 0 else "甲乙，乙丙。"
        archive.add([capture(url=url)], article(words, url=url))
    for sort in ("newest", "oldest", "relevance"):
        results = archive.search(Query("甲乙丙", sort=sort))  # type: ignore[arg-type]
        first = results.page(1)
        second = results.page(1, first.cursor)
        found = [hit.article_id for hit in (*first.hits, *second.hits)]
        assert found == results.article_ids() == ([5, 10] if sort == "oldest" else [10, 5])
        assert second.cursor is None


def test_relevance_puts_titles_first(archive: Archive) -> None:
    archive.add([capture()], article("养老服务。", title="另一件事"))
    older = article("一段。", url=OTHER, title="养老服务")
    archive.add([capture(url=OTHER)], older)
    assert archive.search(Query("养老", sort="relevance")).article_ids() == [2, 1]
    assert archive.search("title:养老").article_ids() == [2]


def test_hits_make_a_data_frame(archive: Archive) -> None:
    archive.add([capture()], article())
    frame = archive.search("数据").to_pandas()
    assert list(frame["article_id"]) == [1]
    assert frame["published_date"][0].date() == dt.date(2026, 2, 28)
    assert archive.search("没有的词").to_pandas().empty


def test_fields_and_dates(archive: Archive, tmp_path: Path) -> None:
    archive.add([capture()], article())
    for words in ("author:王芳", "source:示例日报", "layout:2023", "published:2026-02", "gone:no"):
        assert count(archive, words) == 1, words
    for words in ("author:李明", "channel:解读", "published:2026-03..", "posted:..2026-02-28"):
        assert count(archive, words) == 0, words
        assert count(archive, f"NOT {words}") == 1, words
    for minute in (9, 9 + 24 * 60):  # gone when a second visit says so
        archive.add([capture(b"404", minute=minute, status=404)], None)
    assert count(archive, "gone:yes") == 1


def test_words_of_a_query_are_limited() -> None:
    with pytest.raises(QueryError, match="100 words"):
        Query("字 " * 101)
    with pytest.raises(QueryError, match="500"):
        Query("字" * 501)
    with pytest.raises(QueryError, match="nested"):
        Query("(" * 60 + "字" + ")" * 60)
