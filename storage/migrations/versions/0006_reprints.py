"""Signatures and links of reprints, empty: opening the archive for writing fills them.

Revision 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "signatures",
        sa.Column("reading_id", key, autoincrement=False, nullable=False),
        sa.Column("article_id", key, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=True),
        sa.Column("shingles", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["readings.id"], name=op.f("fk_signatures_reading_id_readings")
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_signatures_article_id_articles")
        ),
        sa.PrimaryKeyConstraint("reading_id", name=op.f("pk_signatures")),
    )
    op.create_index(op.f("ix_signatures_article_id"), "signatures", ["article_id"], unique=False)
    op.create_table(
        "signature_bands",
        sa.Column("band", key, autoincrement=False, nullable=False),
        sa.Column("signature_id", key, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("band", "signature_id", name=op.f("pk_signature_bands")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reprint_links",
        sa.Column("reading_id", key, autoincrement=False, nullable=False),
        sa.Column("other_reading_id", key, autoincrement=False, nullable=False),
        sa.Column("similarity", sa.Double(), nullable=False),
        sa.Column("containment", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["readings.id"], name=op.f("fk_reprint_links_reading_id_readings")
        ),
        sa.ForeignKeyConstraint(
            ["other_reading_id"],
            ["readings.id"],
            name=op.f("fk_reprint_links_other_reading_id_readings"),
        ),
        sa.PrimaryKeyConstraint("reading_id", "other_reading_id", name=op.f("pk_reprint_links")),
    )
    op.create_index(
        op.f("ix_reprint_links_other_reading_id"),
        "reprint_links",
        ["other_reading_id"],
        unique=False,
    )
