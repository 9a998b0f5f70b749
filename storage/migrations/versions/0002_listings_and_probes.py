"""What listings claim and show, probes, the day an item is listed with, names of files.

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = storage.schema.UTCDateTime(timezone=True)
    op.create_table(
        "listings",
        sa.Column("id", key, nullable=False),
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("claimed", sa.Integer(), nullable=True),
        sa.Column("pages_read", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", moment, nullable=False),
        sa.Column("read_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listings")),
        sa.UniqueConstraint("portal", "key", name=op.f("uq_listings_portal_key")),
    )
    op.create_table(
        "listing_items",
        sa.Column("listing_id", key, nullable=False),
        sa.Column("ledger_id", key, nullable=False),
        sa.ForeignKeyConstraint(
            ["ledger_id"], ["ledger.id"], name=op.f("fk_listing_items_ledger_id_ledger")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_listing_items_listing_id_listings")
        ),
        sa.PrimaryKeyConstraint("listing_id", "ledger_id", name=op.f("pk_listing_items")),
    )
    op.create_index(
        op.f("ix_listing_items_ledger_id"), "listing_items", ["ledger_id"], unique=False
    )
    op.create_table(
        "probes",
        sa.Column("id", key, nullable=False),
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("probed_at", moment, nullable=False),
        sa.Column("is_passed", sa.Boolean(), nullable=False),
        sa.Column("is_real", sa.Boolean(), nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_probes")),
    )
    op.create_index(op.f("ix_probes_portal"), "probes", ["portal"], unique=False)
    op.add_column("ledger", sa.Column("listed_day", sa.Date(), nullable=True))
    op.add_column("captures", sa.Column("filename", sa.Text(), nullable=True))
