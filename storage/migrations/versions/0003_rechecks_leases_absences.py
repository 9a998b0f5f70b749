"""When things are due, who works on a portal, absences of articles, withdrawals.

Revision 0003, after 0002. An article that was gone stays gone: its absence is entered as seen and
confirmed by the capture that showed it.
"""

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = storage.schema.UTCDateTime(timezone=True)


def upgrade() -> None:
    _add_due_times()
    _create_leases()
    _create_absences()
    _create_withdrawals()
    _fill()


def _add_due_times() -> None:
    op.add_column("crawls", sa.Column("update_id", _KEY, nullable=True))
    op.create_index(op.f("ix_crawls_update_id"), "crawls", ["update_id"], unique=False)
    for name in ("checked_at", "recheck_at", "withdrawn_at"):
        op.add_column("articles", sa.Column(name, _MOMENT, nullable=True))
    op.add_column(
        "articles",
        sa.Column("is_doubtful", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column(
        "articles", sa.Column("failures", sa.Integer(), server_default="0", nullable=False)
    )
    op.create_index(
        op.f("ix_articles_portal_recheck_at"), "articles", ["portal", "recheck_at"], unique=False
    )
    op.add_column("ledger", sa.Column("next_try_at", _MOMENT, nullable=True))
    op.drop_index(op.f("ix_ledger_portal_state"), table_name="ledger")
    op.create_index(
        op.f("ix_ledger_portal_state_next_try_at"),
        "ledger",
        ["portal", "state", "next_try_at"],
        unique=False,
    )
    op.add_column("listings", sa.Column("due_at", _MOMENT, nullable=True))
    op.add_column("listings", sa.Column("interval_hours", sa.Double(), nullable=True))
    op.add_column(
        "listings", sa.Column("is_partial", sa.Boolean(), server_default=sa.false(), nullable=False)
    )


def _create_leases() -> None:
    op.create_table(
        "leases",
        sa.Column("portal", sa.Text(), nullable=False),
        sa.Column("token", sa.Uuid(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("process", sa.Integer(), nullable=False),
        sa.Column("process_began", sa.Double(), nullable=False),
        sa.Column("taken_at", _MOMENT, nullable=False),
        sa.Column("renewed_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("portal", name=op.f("pk_leases")),
    )


def _create_absences() -> None:
    steps = []
    for step in ("missed", "confirmed", "ended"):
        steps += [
            sa.Column(f"{step}_at", _MOMENT, nullable=step != "missed"),
            sa.Column(f"{step}_capture_id", _KEY, nullable=True),
            sa.ForeignKeyConstraint(
                [f"{step}_capture_id"],
                ["captures.id"],
                name=op.f(f"fk_absences_{step}_capture_id_captures"),
            ),
        ]
    op.create_table(
        "absences",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("article_id", _KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        *steps,
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_absences_article_id_articles")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index(op.f("ix_absences_article_id"), "absences", ["article_id"], unique=False)


def _create_withdrawals() -> None:
    op.create_table(
        "withdrawals",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("article_id", _KEY, nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("acted_by", sa.Text(), nullable=False),
        sa.Column("acted_at", _MOMENT, nullable=False),
        sa.Column("finished_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_withdrawals_article_id_articles")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawals")),
    )
    op.create_index(op.f("ix_withdrawals_article_id"), "withdrawals", ["article_id"], unique=False)


def _fill() -> None:
    op.execute(
        "UPDATE articles SET checked_at = (SELECT max(captured_at) FROM captures"
        " WHERE captures.article_id = articles.id AND captures.version_id IS NOT NULL)"
    )
    op.execute("UPDATE articles SET recheck_at = checked_at")  # all are due; the oldest first
    op.execute(
        "INSERT INTO absences (article_id, kind, missed_at, missed_capture_id, confirmed_at,"
        " confirmed_capture_id) SELECT a.id, 'HTTP ' || c.status, a.gone_at, c.id, a.gone_at, c.id"
        " FROM articles a JOIN captures c ON c.id = (SELECT min(id) FROM captures"
        " WHERE article_id = a.id AND captured_at = a.gone_at AND status IN (404, 410))"
        " WHERE a.gone_at IS NOT NULL"
    )
    op.execute("UPDATE ledger SET state = 'given_up' WHERE state = 'failed' AND tries >= 5")
