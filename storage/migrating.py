"""Bring a database's schema to this release's, by Alembic.

Called by ``storage.opening``, which imports this module only then: Alembic takes as long to import
as the rest of an archive, and is needed once a release.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the migrations that the database has not seen, in the connection's transaction.

    ``revision`` is the last one to run, by default this release's.
    """
    config = Config()
    folder = str(Path(__file__).parent / "migrations").replace("%", "%%")
    config.set_main_option("script_location", folder)
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
