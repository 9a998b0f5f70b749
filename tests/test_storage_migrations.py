"""Archives of every release are brought to this one with nothing lost, on both backends.

``archives/0001.db.gz`` was written by the first release: three listed URLs, an article of two
versions, a failed page.
"""

import datetime as dt
import gzip
import json
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Connection, MetaData, create_engine, insert, select, text

import storage.opening
from storage import Archive, Listed, ListingVisit, SchemaOutOfDate, Tally
from storage.address import parse_url
from storage.migrating import upgrade
from tests.records import URL, article, capture

OLD = Path(__file__).parent / "archives" / "0001.db.gz"
OTHER = "http://news.example.cn/jiedu/1002.html"


@pytest.fixture
def old_url(backend: str, unmade_url: str, tmp_path: Path) -> str:
    """Address of an archive as the first release left it."""
    file = tmp_path / ("archive.db" if backend == "sqlite" else "old.db")
    file.write_bytes(gzip.decompress(OLD.read_bytes()))
    if backend == "postgresql":
        copy_to_postgresql(file, unmade_url)
    return unmade_url


def copy_to_postgresql(file: Path, url: str) -> None:
    """The same rows in the tables as migration 0001 makes them there."""
    source, target = create_engine(f"sqlite:///{file}"), create_engine(parse_url(url))
    with source.connect() as old, target.begin() as new:
        upgrade(new, "0001")
        there = MetaData()
        there.reflect(new)
        for table in there.sorted_tables:
            if table.name == "alembic_version":
                continue
            rows = old.execute(text(f"SELECT * FROM {table.name}")).mappings().all()
            for row in rows:
                new.execute(
                    insert(table).values({n: _typed(table.c[n], v) for n, v in row.items()})
                )
            if "id" in table.c:
                restart_numbers(new, table.name)
    source.dispose()
    target.dispose()


def restart_numbers(connection: Connection, table: str) -> None:
    sequence = f"pg_get_serial_sequence('{table}', 'id')"
    last = f"SELECT coalesce(max(id), 1), count(*) > 0 FROM {table}"
    connection.execute(text(f"SELECT setval({sequence}, l.n, l.f) FROM ({last}) AS l(n, f)"))


def _typed(column: Any, value: Any) -> Any:
    """A value as SQLite stores it, as PostgreSQL takes it."""
    kind = column.type.python_type
    if value is None:
        return None
    if kind is dt.datetime:
        return dt.datetime.fromisoformat(value).replace(tzinfo=dt.UTC)
    if kind is dt.date:
        return dt.date.fromisoformat(value)
    if kind is uuid.UUID:
        return uuid.UUID(value)
    if isinstance(column.type, JSON):
        return json.loads(value)
    return bool(value) if kind is bool else value


def test_an_old_archive_must_be_migrated_first(old_url: str) -> None:
    with pytest.raises(SchemaOutOfDate, match="jiedu migrate"):
        Archive.open(old_url)


def test_everything_of_an_old_archive_is_there_and_goes_on(old_url: str, tmp_path: Path) -> None:
    with Archive.open(old_url, create=True, warc=tmp_path / "warc") as archive:
        assert archive.counts() == {"articles": 1, "versions": 2, "readings": 2, "captures": 3}
        first, second = archive.versions(URL)
        assert first.article == article()
        assert second.article.text.endswith("翻两番。")
        (crawl,) = archive.crawls()
        assert crawl.counts["problems"] == ["x: HTTP 500"]
        waiting = [listed.url for listed in archive.pending_urls("example")]
        assert waiting == [OTHER, "http://news.example.cn/jiedu/1003.html"]
        assert archive.probes() == []
        (whole,) = archive.coverage()  # listings were not yet kept; the ledger was
        assert whole.total == Tally(seen=3, archived=1, failed=1, waiting=1)
        page = ListingVisit(listing_url="http://news.example.cn/jiedu/", page_url=URL, claimed=3)
        assert archive.list_urls("example", page, [Listed(url=URL), Listed(url=OTHER)]) == 0
        archive.add([capture(b"<p>other</p>", url=OTHER, minute=9)], article("又一篇。", url=OTHER))
        _, listing = archive.coverage("example")
        assert (listing.claimed, listing.total) == (3, Tally(seen=2, archived=2))
    with Archive.open(old_url) as archive:
        assert archive.counts()["captures"] == 4


def test_new_tables_are_empty_and_new_columns_say_nothing(old_url: str) -> None:
    with Archive.open(old_url, create=True) as archive, archive._engine.connect() as connection:
        tables = MetaData()
        tables.reflect(connection)
        for name in ("listings", "listing_items", "probes"):
            assert connection.execute(select(tables.tables[name])).all() == []
        assert set(connection.scalars(select(tables.tables["ledger"].c.listed_day))) == {None}
        assert set(connection.scalars(select(tables.tables["captures"].c.filename))) == {None}


def test_the_names_of_migrations_tell_which_there_are() -> None:
    """Opening goes by them, and loads no Alembic."""
    config = Config()
    folder = Path(storage.opening.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    scripts = ScriptDirectory.from_config(config)
    assert storage.opening._head() == scripts.get_current_head()
    assert storage.opening._known() == {script.revision for script in scripts.walk_revisions()}


def test_opening_an_archive_loads_only_what_it_needs() -> None:
    slow = ("alembic", "holidays", "pyarrow", "pandas")
    program = f"import sys, storage.cli; print([n for n in {slow!r} if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.stdout == "[]\n", done.stderr
