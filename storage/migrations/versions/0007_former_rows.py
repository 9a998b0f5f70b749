"""What rows said before they were changed, and when a document's keys were entered.

States that were changed before this revision are told as they are today, whatever time an export
asks for. Revision 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "former_rows",
        sa.Column("id", key, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("row_id", key, nullable=False),
        sa.Column("article_id", key, nullable=True),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_rows")),
    )
    op.create_index(
        op.f("ix_former_rows_kind_row_id"), "former_rows", ["kind", "row_id"], unique=False
    )
    op.create_index(op.f("ix_former_rows_article_id"), "former_rows", ["article_id"], unique=False)
    op.add_column("document_keys", sa.Column("recorded_at", _MOMENT, nullable=True))
