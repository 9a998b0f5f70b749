"""An archive of the first release gets the policy tables, and entities once it is read again."""

import gzip
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import MetaData, select

from crawler.extract.policy import read_policy
from storage import Archive
from tests.records import URL, article
from tests.test_storage_migrations import OLD, copy_to_postgresql

TABLES = (
    "documents", "document_keys", "agencies", "citations", "interpretations", "document_numbers",
    "short_names", "issuing_acts", "issuers", "officials", "statements", "targets", "quantities",
    "regions", "hops",
)  # fmt: skip


@pytest.fixture
def first_release(backend: str, unmade_url: str, tmp_path: Path) -> str:
    """Address of an archive as the first release left it."""
    file = tmp_path / ("archive.db" if backend == "sqlite" else "old.db")
    file.write_bytes(gzip.decompress(OLD.read_bytes()))
    if backend == "postgresql":
        copy_to_postgresql(file, unmade_url)
    return unmade_url


def test_tables_are_there_and_empty_until_read_again(first_release: str) -> None:
    with Archive.open(first_release, create=True) as archive:
        with archive._engine.connect() as connection:
            there = MetaData()
            there.reflect(connection)
            assert all(connection.execute(select(there.tables[n])).all() == [] for n in TABLES)
            kinds = connection.scalars(select(there.tables["readings"].c.interpretation_type))
            assert set(kinds) == {None}
        assert archive.version(URL).article.policy == type(article().policy)()
        today = replace(archive.version(URL).article, reader="3+x")
        today = replace(today, policy=read_policy(today))
        assert archive.add_reading(archive.version(URL).id, today)
        assert archive.counts()["versions"] == 2
        assert [d.title for d in archive.documents()] == ["关于推进数据要素流通的若干措施"]
