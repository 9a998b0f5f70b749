"""What a server that goes away does to a read: asked again while there is patience, else said."""

import pytest
from sqlalchemy import Connection, text

from storage import Archive, ArchiveUnusable
from storage.transaction import read


class _Look:
    """Counts its calls; in the first one the server ends the connection under it."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, connection: Connection) -> int:
        self.calls += 1
        if self.calls == 1:
            connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return connection.execute(text("SELECT 42")).scalar_one()


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_read_cut_off_by_the_server_is_asked_again(archive_url: str) -> None:
    look = _Look()
    with Archive.open(archive_url, patience_seconds=20) as archive:
        assert read(archive.engine, look) == 42
    assert look.calls == 2


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_read_without_patience_says_what_cut_it_off(archive_url: str) -> None:
    look = _Look()
    with (
        Archive.open(archive_url) as archive,
        pytest.raises(ArchiveUnusable, match="terminating connection"),
    ):
        read(archive.engine, look)
    assert look.calls == 1
