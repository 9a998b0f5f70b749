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
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("is_latest", sa.Boolean(), nullable=False),
        sa.Column("position", key, nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("portal", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=True),
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
    """Pairs of characters with their places, and apart from them the single characters.

    Contentless, as the texts stand in the blocks; the tokens come ready-made from Python. The
    tokenizer `ascii` takes every character beyond ASCII for a letter. Sizes of columns would serve
    ranking only. The body comes first: a place in the first column takes two bytes less.
    """
    op.execute(
        "CREATE VIRTUAL TABLE search_index USING fts5"
        "(body, title, content='', columnsize=0, tokenize='ascii')"
    )
    op.execute(
        "CREATE VIRTUAL TABLE search_index_characters USING fts5"
        "(tokens, content='', columnsize=0, detail=none, tokenize='ascii')"
    )


def _create_tsvector() -> None:
    """Tokens, and the folded texts with which longer words are compared.

    The rows of the one table are kept short, for they are visited wherever a token stands; those of
    the other hold their text as it is, for it is looked through from end to end.
    """
    op.execute(
        "CREATE TABLE search_index ("
        " version_id BIGINT PRIMARY KEY REFERENCES versions (id), tokens TSVECTOR"
        ") WITH (toast_tuple_target = 128)"
    )
    op.execute("CREATE INDEX search_index_tokens ON search_index USING gin (tokens)")
    op.execute(
        "CREATE INDEX search_index_too_long ON search_index (version_id) WHERE tokens IS NULL"
    )
    op.execute(
        "CREATE TABLE search_index_texts ("
        " version_id BIGINT PRIMARY KEY REFERENCES versions (id),"
        " title TEXT NOT NULL, body TEXT NOT NULL) WITH (toast_tuple_target = 8160)"
    )
    for name in ("title", "body"):
        op.execute(f"ALTER TABLE search_index_texts ALTER {name} SET STORAGE EXTERNAL")
