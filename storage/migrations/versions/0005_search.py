"""The search index, empty: opening the archive for writing fills it from the readings.

Revision 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "search_entries",
        sa.Column("version_id", key, autoincrement=False, nullable=False),
        sa.Column("article_id", key, nullable=False),
        sa.Column("reading_id", key, nullable=False),
        sa.Column("is_latest", sa.Boolean(), nullable=False),
        sa.Column("position", key, nullable=False),
        sa.Column("portal", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("published_date", sa.Date(), nullable=True),
        sa.Column("posted_date", sa.Date(), nullable=True),
        sa.Column("captured_date", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_search_entries_article_id_articles")
        ),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["readings.id"], name=op.f("fk_search_entries_reading_id_readings")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["versions.id"], name=op.f("fk_search_entries_version_id_versions")
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_search_entries")),
    )
    op.create_index(
        op.f("ix_search_entries_article_id"), "search_entries", ["article_id"], unique=False
    )
    op.create_index(
        op.f("ix_search_entries_is_latest_position"),
        "search_entries",
        ["is_latest", "position"],
        unique=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        _create_fts5()
    else:
        _create_tsvector()


def _create_fts5() -> None:
    """Contentless, as the texts stand in the blocks; the tokens come ready-made from Python.

    The tokenizer `ascii` takes every character beyond ASCII for a letter. Sizes of columns would
    serve ranking only.
    """
    op.execute(
        "CREATE VIRTUAL TABLE search_index USING fts5"
        "(title, body, content='', columnsize=0, tokenize='ascii')"
    )


def _create_tsvector() -> None:
    """Title and body are the folded texts, with which phrases of more than a pair are compared."""
    op.execute(
        "CREATE TABLE search_index ("
        " version_id BIGINT PRIMARY KEY REFERENCES versions (id),"
        " title TEXT NOT NULL, body TEXT NOT NULL, tokens TSVECTOR)"
    )
    op.execute("CREATE INDEX ix_search_index_tokens ON search_index USING gin (tokens)")
    op.execute(
        "CREATE INDEX ix_search_index_too_long ON search_index (version_id) WHERE tokens IS NULL"
    )
