"""A database lent to the next test is as good as new; who writes into one looks rows up by key."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sqlalchemy import text

from storage import Archive
from storage.check import check
from storage.transaction import reading, writing
from tests.records import URL, article, capture

_MORE = (
    "SELECT count(*) FROM information_schema.columns"
    " WHERE table_name = 'more' OR column_name = 'more'"
)
Lend = Callable[[], AbstractContextManager[str]]


@pytest.mark.parametrize(
    "change",
    [
        "SELECT 1",
        "DROP INDEX ix_captures_visit",
        "ALTER TABLE articles ADD COLUMN more integer",
        "CREATE TABLE more (id integer)",
        "UPDATE alembic_version SET version_num = 'none'",
    ],
)
def test_nothing_of_one_test_is_left_for_the_next(
    lend_database: Lend, tmp_path: Path, change: str
) -> None:
    with lend_database() as url, Archive.open(url, warc=tmp_path / "one") as archive:
        archive.add([capture()], article())
        with archive.engine.begin() as connection:
            connection.execute(text(change))
    with lend_database() as url, Archive.open(url, warc=tmp_path / "two") as archive:
        assert set(archive.counts().values()) == {0}
        assert archive.crawls() == []
        assert archive.add([capture()], article()).capture_ids == (1,)
        assert archive.article(URL).id == 1
        archive.finish_crawl("finished", {})
        assert check(archive).is_sound
        with archive.engine.connect() as connection:
            assert connection.scalar(text(_MORE)) == 0


@pytest.mark.parametrize("backend", ["postgresql"])
def test_only_who_writes_does_without_reading_whole_tables(archive: Archive) -> None:
    with writing(archive.engine) as connection:
        assert connection.scalar(text("SHOW enable_seqscan")) == "off"
    with reading(archive.engine) as connection:
        assert connection.scalar(text("SHOW enable_seqscan")) == "on"
