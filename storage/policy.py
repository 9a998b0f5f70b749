"""Policy entities into rows and back; one row a policy document, however articles write it.

Called by ``storage.chain`` for every new reading and by ``storage.reading``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from storage.characters import storable_text
from storage.clock import recording_time
from storage.entities import (
    Citation,
    DocumentNumber,
    Hop,
    Interpreted,
    Issuer,
    IssuingAct,
    Official,
    PolicyEntities,
    Quantity,
    Region,
    ShortName,
    Statement,
    Target,
)
from storage.former import remember
from storage.policy_schema import (
    AgencyRow,
    CitationRow,
    DocumentKeyRow,
    DocumentNumberRow,
    DocumentRow,
    HopRow,
    InterpretationRow,
    IssuerRow,
    IssuingActRow,
    OfficialRow,
    QuantityRow,
    RegionRow,
    ShortNameRow,
    StatementRow,
    TargetRow,
)
from storage.rows import insert_new
from storage.schema import Table

_DOCUMENT_LOCK = 0x6A696565  # the documents' part of PostgreSQL's advisory locks
# Kinds whose records and rows have the same fields: (field of PolicyEntities, record, table).
_SAME: tuple[tuple[str, type[Any], type[Any]], ...] = (
    ("citations", Citation, CitationRow),
    ("interprets", Interpreted, InterpretationRow),
    ("numbers", DocumentNumber, DocumentNumberRow),
    ("short_names", ShortName, ShortNameRow),
    ("officials", Official, OfficialRow),
    ("statements", Statement, StatementRow),
    ("regions", Region, RegionRow),
    ("hops", Hop, HopRow),
)


def insert_policy(connection: Connection, reading_id: int, policy: PolicyEntities) -> None:
    """Write a reading's entities, entering documents and agencies that are new."""
    if policy == PolicyEntities():
        return
    documents = _place_documents(connection, policy)
    agencies = _place_agencies(connection, policy.acts)
    rows: dict[type[Table], list[dict[str, Any]]] = {
        table: [_values(record) for record in getattr(policy, name)] for name, _, table in _SAME
    }
    for citation, row in zip(policy.citations, rows[CitationRow], strict=True):
        named = citation if citation.document is None else policy.citations[citation.document]
        row["document_id"] = documents.get((named.key, named.number)) if named.key else None
    for found, row in zip(policy.interprets, rows[InterpretationRow], strict=True):
        named_at = policy.citations[found.citation] if found.citation is not None else None
        row["document_id"] = documents[(found.key, named_at.number if named_at else None)]
    rows[IssuingActRow] = [_values(act, "issuers") for act in policy.acts]
    rows[IssuerRow] = [
        _values(issuer) | {"act": number, "agency_id": agencies[issuer.canonical]}
        for number, act in enumerate(policy.acts)
        for issuer in act.issuers
    ]
    rows[TargetRow] = [_values(target, "quantities") for target in policy.targets]
    rows[QuantityRow] = [
        _values(quantity) | {"target": number}
        for number, target in enumerate(policy.targets)
        for quantity in target.quantities
    ]
    for table, values in rows.items():
        if values:
            keyed = [
                {"reading_id": reading_id, "ordinal": ordinal} | row
                for ordinal, row in enumerate(values)
            ]
            connection.execute(insert(table), keyed)


def read_policy(connection: Connection, reading_id: int) -> PolicyEntities:
    """A reading's entities as they were written."""
    found = {
        name: tuple(_record(record, row) for row in _rows(connection, table, reading_id))
        for name, record, table in _SAME
    }
    issuers = _rows(connection, IssuerRow, reading_id)
    quantities = _rows(connection, QuantityRow, reading_id)
    acts = tuple(
        _record(
            IssuingAct,
            row,
            issuers=tuple(_record(Issuer, i) for i in issuers if i.act == row.ordinal),
        )
        for row in _rows(connection, IssuingActRow, reading_id)
    )
    targets = tuple(
        _record(
            Target,
            row,
            quantities=tuple(_record(Quantity, q) for q in quantities if q.target == row.ordinal),
        )
        for row in _rows(connection, TargetRow, reading_id)
    )
    return PolicyEntities(acts=acts, targets=targets, **found)


def _values(record: Any, *left_out: str) -> dict[str, Any]:
    values = {f.name: getattr(record, f.name) for f in fields(record) if f.name not in left_out}
    return {
        name: [storable_text(text) for text in v] if isinstance(v, tuple) else v
        for name, v in values.items()
    }


def _record(kind: type[Any], row: Row[Any], **parts: Any) -> Any:
    values = {f.name: getattr(row, f.name) for f in fields(kind) if f.name not in parts}
    return kind(
        **{name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}, **parts
    )


def _rows(connection: Connection, table: type[Any], reading_id: int) -> Sequence[Row[Any]]:
    return connection.execute(
        select(table.__table__).where(table.reading_id == reading_id).order_by(table.ordinal)
    ).all()


def _place_agencies(connection: Connection, acts: Iterable[IssuingAct]) -> dict[str, int]:
    """Ids of the agencies by official name; new ones are entered."""
    regions = {i.canonical: i.region for act in acts for i in act.issuers}
    if not regions:
        return {}
    rows = [{"name": name, "region": regions[name]} for name in sorted(regions)]
    insert_new(connection, AgencyRow, rows)
    query = select(AgencyRow.name, AgencyRow.id).where(AgencyRow.name.in_(regions))
    return {row.name: row.id for row in connection.execute(query)}


def _place_documents(
    connection: Connection, policy: PolicyEntities
) -> dict[tuple[str | None, str | None], int]:
    """Ids of the documents by key and number; new ones are entered.

    What carries a known number is that document, whatever its title. A known title with another
    number is another document: ministries give next year's notice the same title.
    """
    wanted: dict[tuple[str, str | None], tuple[str, str | None]] = {}
    for citation in policy.citations:
        if citation.key:
            wanted.setdefault((citation.key, citation.number), (citation.title, citation.doc_type))
    for found in policy.interprets:
        cited = policy.citations[found.citation] if found.citation is not None else None
        number = cited.number if cited else None
        wanted.setdefault((found.key, number), (found.title, None))
    names = {f"title:{key}" for key, _ in wanted} | {f"number:{n}" for _, n in wanted if n}
    if connection.dialect.name == "postgresql":
        for name in sorted(names):  # in one order, so that writers do not deadlock
            connection.execute(
                select(func.pg_advisory_xact_lock(_DOCUMENT_LOCK, func.hashtext(name)))
            )
    # Those with a number first, so that a bare mention in the same article finds them.
    order = sorted(wanted, key=lambda pair: (pair[1] is None, pair[0], pair[1] or ""))
    placed = {pair: _place_document(connection, *pair, *wanted[pair]) for pair in order}
    return {(key, number): found for (key, number), found in placed.items()}


def _place_document(
    connection: Connection, key: str, number: str | None, title: str, doc_type: str | None
) -> int:
    names = [f"number:{number}"] * (number is not None) + [f"title:{key}"]
    query = (
        select(DocumentKeyRow.key, DocumentRow.id, DocumentRow.number)
        .join(DocumentRow)
        .where(DocumentKeyRow.key.in_(names))
    )
    known = {row.key: row for row in connection.execute(query)}
    row = next((known[name] for name in names if name in known), None)
    is_other = row is not None and number not in (None, row.number) and row.number is not None
    document_id = row.id if row is not None and not is_other else None
    if document_id is None:
        values = {
            "key": f"{key} {number}" if is_other else key,
            "title": title,
            "doc_type": doc_type,
            "number": number,
            "first_seen_at": recording_time(connection),
        }
        document_id = connection.execute(
            insert(DocumentRow).values(values).returning(DocumentRow.id)
        ).scalar_one()
    elif number is not None and row is not None and row.number is None:
        remember(connection, "document", DocumentRow, [document_id])
        connection.execute(
            update(DocumentRow)
            .where(DocumentRow.id == document_id, DocumentRow.number.is_(None))
            .values(number=number)
        )
    entered = {"document_id": document_id, "recorded_at": recording_time(connection)}
    new = [{"key": name} | entered for name in names if name not in known]
    insert_new(connection, DocumentKeyRow, new)
    return document_id
