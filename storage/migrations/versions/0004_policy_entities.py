"""Policy documents, agencies, officials, statements, targets, regions of a reading.

Revision 0004, after 0003. Readings made before it have none until they are read again.
"""

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
moment = storage.schema.UTCDateTime(timezone=True)


def _part(table: str) -> list[sa.schema.SchemaItem]:
    """Key of a child row: its reading and its ordinal."""
    return [
        sa.Column("reading_id", key, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["readings.id"], name=op.f(f"fk_{table}_reading_id_readings")
        ),
        sa.PrimaryKeyConstraint("reading_id", "ordinal", name=op.f(f"pk_{table}")),
    ]


def _place() -> list[sa.schema.SchemaItem]:
    """Place of an entity in the text."""
    return [sa.Column(name, sa.Integer(), nullable=False) for name in ("start", "end", "block")]


def upgrade() -> None:
    op.add_column("readings", sa.Column("interpretation_type", sa.Text(), nullable=True))
    _create_shared()
    _create_documents_of_readings()
    _create_people_and_goals()


def _create_shared() -> None:
    op.create_table(
        "documents",
        sa.Column("id", key, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("doc_type", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("first_seen_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("key", name=op.f("uq_documents_key")),
    )
    op.create_table(
        "document_keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("document_id", key, nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_document_keys_document_id_documents")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_document_keys")),
    )
    op.create_index(
        op.f("ix_document_keys_document_id"), "document_keys", ["document_id"], unique=False
    )
    op.create_table(
        "agencies",
        sa.Column("id", key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agencies")),
        sa.UniqueConstraint("name", name=op.f("uq_agencies_name")),
    )


def _create_documents_of_readings() -> None:
    op.create_table(
        "citations",
        *_part("citations"),
        *_place(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("doc_type", sa.Text(), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("document", sa.Integer(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("act", sa.Integer(), nullable=True),
        sa.Column("document_id", key, nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_citations_document_id_documents")
        ),
    )
    op.create_index(op.f("ix_citations_document_id"), "citations", ["document_id"], unique=False)
    op.create_table(
        "interpretations",
        *_part("interpretations"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("citation", sa.Integer(), nullable=True),
        sa.Column("document_id", key, nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_interpretations_document_id_documents")
        ),
    )
    op.create_index(
        op.f("ix_interpretations_document_id"), "interpretations", ["document_id"], unique=False
    )
    op.create_table(
        "document_numbers",
        *_part("document_numbers"),
        *_place(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
    )
    op.create_index(
        op.f("ix_document_numbers_number"), "document_numbers", ["number"], unique=False
    )
    op.create_table(
        "short_names",
        *_part("short_names"),
        *_place(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("stands_for", sa.Text(), nullable=False),
        sa.Column("citation", sa.Integer(), nullable=True),
    )
    op.create_table(
        "issuing_acts",
        *_part("issuing_acts"),
        *_place(),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("is_incomplete", sa.Boolean(), nullable=False),
        sa.Column("stated_count", sa.Integer(), nullable=True),
    )
    op.create_table(
        "issuers",
        *_part("issuers"),
        sa.Column("act", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("canonical", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("agency_id", key, nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_issuers_agency_id_agencies")
        ),
    )
    op.create_index(op.f("ix_issuers_agency_id"), "issuers", ["agency_id"], unique=False)


def _create_people_and_goals() -> None:
    op.create_table(
        "officials",
        *_part("officials"),
        *_place(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("posts", sa.JSON(), nullable=False),
    )
    op.create_index(op.f("ix_officials_name"), "officials", ["name"], unique=False)
    op.create_table(
        "statements",
        *_part("statements"),
        *_place(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("official", sa.Integer(), nullable=True),
    )
    op.create_index(op.f("ix_statements_speaker"), "statements", ["speaker"], unique=False)
    op.create_table(
        "targets",
        *_part("targets"),
        *_place(),
        sa.Column("horizon", sa.Text(), nullable=False),
        sa.Column("goal", sa.Text(), nullable=False),
        sa.Column("clauses", sa.JSON(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
    )
    op.create_index(op.f("ix_targets_year"), "targets", ["year"], unique=False)
    op.create_table(
        "quantities",
        *_part("quantities"),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
    )
    op.create_table(
        "regions",
        *_part("regions"),
        *_place(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("full_name", sa.Text(), nullable=True),
    )
    op.create_index(op.f("ix_regions_code"), "regions", ["code"], unique=False)
    op.create_table(
        "hops",
        *_part("hops"),
        *_place(),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("month_day", sa.Text(), nullable=True),
        sa.Column("reporters", sa.JSON(), nullable=False),
    )
