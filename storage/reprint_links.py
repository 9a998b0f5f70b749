"""Which readings have a text in common: found when a reading is written, in its transaction.

Called by ``storage.chain`` for each new reading, by ``storage.opening`` after a migration, and by
an erasure. Only the current reading of an article's latest version is compared; what was found
stays, so that it can be told which articles were copies at any time.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import aliased

from storage.reprint_schema import BandRow, ReprintLinkRow, SignatureRow
from storage.schema import BlockRow, ReadingRow, VersionRow, WithdrawalRow
from storage.signatures import Likeness, Signature, bands, compare, sign

# Two texts are copies when they share half of all their shingles, or when the longer one holds
# four fifths of the shorter one, as long as they share a third. Unrelated articles of one newsroom
# share up to 0.18 of all and hold up to 0.38 of one another, issues of a bulletin with a standing
# paragraph share 0.3; a text trimmed by 60 % shares 0.4.
MIN_SIMILARITY = 0.5
MIN_CONTAINMENT, MIN_SIMILARITY_CONTAINED = 0.8, 0.35
# A bucket takes no more readings: what so many have in common is a form (a bulletin's standing
# text) or a text reprinted everywhere, whose further copies still meet these ones.
FULL = 64
_BAND_LOCK = 0x6A696566  # the bands' part of PostgreSQL's advisory locks
_BATCH = 200  # readings compared at once while an archive is upgraded

_later = aliased(VersionRow)
# Counted for each later version, of which there is none but when an older archive is gone through
# reading by reading: as a join PostgreSQL reads all readings while it has no statistics.
_read_by_then = (
    select(func.count())
    .where(ReadingRow.version_id == _later.id, ReadingRow.id <= bindparam("reading"))
    .scalar_subquery()
)
_is_later = and_(
    _later.article_id == VersionRow.article_id,
    _later.number > VersionRow.number,
    _read_by_then > 0,
)
_PLACE = (
    select(VersionRow.article_id, (~exists().where(_is_later)).label("is_latest"))
    .add_columns(SignatureRow.reading_id, SignatureRow.hashes)
    .outerjoin(
        SignatureRow,
        and_(SignatureRow.article_id == VersionRow.article_id, SignatureRow.hashes.is_not(None)),
    )
    .where(VersionRow.id == bindparam("version"))
)
# For the drivers as they stand: 32 keys are one value, and nothing is put together each time.
_BUCKETS = {
    "sqlite": "SELECT band, signature_id FROM json_each(?) CROSS JOIN signature_bands"
    " ON band = value",
    "postgresql": "SELECT band, signature_id FROM signature_bands"
    " WHERE band = ANY(CAST(%s AS bigint[]))",
}
_ENTER = {
    "sqlite": "INSERT INTO signature_bands (signature_id, band) SELECT ?, value FROM json_each(?)",
    "postgresql": "INSERT INTO signature_bands (signature_id, band)"
    " SELECT %s, unnest(CAST(%s AS bigint[]))",
}
_LOCK_AND_SIGN = (  # of PostgreSQL, in one round trip
    "WITH signed AS (INSERT INTO signatures (reading_id, article_id, hashes, shingles)"
    " VALUES (%(reading_id)s, %(article_id)s, %(hashes)s, %(shingles)s))"
    " SELECT count(pg_advisory_xact_lock(%(lock)s, number))"
    " FROM unnest(CAST(%(numbers)s AS integer[])) AS number"
)
_SIGNED = (
    select(SignatureRow.reading_id, SignatureRow.hashes, SignatureRow.shingles)
    .where(SignatureRow.reading_id.in_(bindparam("ids", expanding=True)))
    .order_by(SignatureRow.reading_id)
)
_SIGN, _LINK = insert(SignatureRow), insert(ReprintLinkRow)


def link_reading(
    connection: Connection,
    version_id: int,
    reading_id: int,
    texts: Iterable[str],
    *,
    is_alone: bool = False,
) -> None:
    """Compare a reading just inserted, the newest of its version, with all other articles.

    ``texts`` are those of its blocks without captions. The caller has locked the article's row;
    ``is_alone`` says that it keeps all other writers out.
    """
    place = connection.execute(_PLACE, {"version": version_id, "reading": reading_id}).one()
    found = None
    if place.is_latest:
        if place.hashes is not None:
            _supersede(connection, place.reading_id, place.hashes)
        found = sign(texts)
    row: dict[str, Any] = {"reading_id": reading_id, "article_id": place.article_id}
    if found is None:
        connection.execute(_SIGN, row | {"hashes": None, "shingles": None})
        return
    hashes = found.to_bytes()
    row |= {"hashes": hashes, "shingles": found.shingles}
    keys = bands(hashes)
    if is_alone or connection.dialect.name == "sqlite":  # whose writer has the database to itself
        connection.execute(_SIGN, row)
    else:
        _lock_and_sign(connection, keys, row)
    buckets = _in_buckets(connection, keys)
    sizes = Counter(band for band, _ in buckets)
    _enter_buckets(connection, [key for key in keys if sizes[key] < FULL], reading_id)
    links = _links(connection, found, {signature_id for _, signature_id in buckets})
    if links:
        values = [
            {"reading_id": reading_id, "other_reading_id": other}
            | {"similarity": likeness.similarity, "containment": likeness.containment}
            for other, likeness in links.items()
        ]
        connection.execute(_LINK, values)


def link_missing(connection: Connection) -> int:
    """Compare every reading that never was, in the order they were recorded; how many there were.

    The links are those that would have been found then.
    """
    if connection.dialect.name == "postgresql":  # it cannot hold a lock for every band of all
        connection.execute(text("LOCK TABLE signatures IN SHARE ROW EXCLUSIVE MODE"))
    missing = connection.execute(unlinked_readings()).all()
    for start in range(0, len(missing), _BATCH):
        some = missing[start : start + _BATCH]
        texts = _texts(connection, [row.id for row in some])
        for row in some:
            link_reading(connection, row.version_id, row.id, texts[row.id], is_alone=True)
    return len(missing)


def unlinked_readings() -> Select[int, int]:
    """Readings that were never compared, and their versions; those of erased articles never are."""
    erased = exists().where(
        WithdrawalRow.article_id == VersionRow.article_id, WithdrawalRow.act == "erase"
    )
    return (
        select(ReadingRow.id, ReadingRow.version_id)
        .join(VersionRow, VersionRow.id == ReadingRow.version_id)
        .where(~exists().where(SignatureRow.reading_id == ReadingRow.id), ~erased)
        .order_by(ReadingRow.id)
    )


def forget_links(connection: Connection, article_id: int) -> None:
    """Delete all that tells which texts an article shares."""
    signatures, links = SignatureRow, ReprintLinkRow
    is_own = signatures.article_id == article_id
    query = select(signatures.reading_id, signatures.hashes).where(is_own)
    for row in connection.execute(query.where(signatures.hashes.is_not(None))).all():
        _supersede(connection, row.reading_id, row.hashes)
    own = select(signatures.reading_id).where(is_own)
    connection.execute(
        delete(links).where(or_(links.reading_id.in_(own), links.other_reading_id.in_(own)))
    )
    connection.execute(delete(signatures).where(is_own))


def is_copy(likeness: Likeness) -> bool:
    """Whether two texts as alike as this are copies."""
    similarity = likeness.similarity
    return similarity >= MIN_SIMILARITY or (
        similarity >= MIN_SIMILARITY_CONTAINED and likeness.containment >= MIN_CONTAINMENT
    )


def _supersede(connection: Connection, reading_id: int, hashes: bytes) -> None:
    """Take the reading that was its article's current one out of comparison."""
    connection.execute(
        delete(BandRow).where(BandRow.band.in_(bands(hashes)), BandRow.signature_id == reading_id)
    )
    connection.execute(
        update(SignatureRow)
        .where(SignatureRow.reading_id == reading_id)
        .values(hashes=None, shingles=None)
    )


def _lock_and_sign(connection: Connection, keys: Sequence[int], row: dict[str, Any]) -> None:
    """Keep the signature; no other transaction compares a text of its bands until this one ends.

    Otherwise two copies added at the same moment would not see each other.
    """
    numbers = sorted({key >> 32 for key in keys})  # in one order: no deadlocks
    locked = {"lock": _BAND_LOCK, "numbers": _listed(connection, numbers)}
    connection.exec_driver_sql(_LOCK_AND_SIGN, row | locked)


def _in_buckets(connection: Connection, keys: list[int]) -> list[tuple[int, int]]:
    """The readings in the buckets of some bands, each as (band, reading)."""
    query, keyed = _BUCKETS[connection.dialect.name], (_listed(connection, keys),)
    return [(band, signature_id) for band, signature_id in connection.exec_driver_sql(query, keyed)]


def _enter_buckets(connection: Connection, keys: list[int], reading_id: int) -> None:
    if keys:
        values = reading_id, _listed(connection, keys)
        connection.exec_driver_sql(_ENTER[connection.dialect.name], values)


def _listed(connection: Connection, numbers: Iterable[int]) -> str:
    """Numbers as one value of a statement: JSON, or an array as PostgreSQL writes it."""
    begin, end = "[]" if connection.dialect.name == "sqlite" else "{}"
    return begin + ",".join(map(str, numbers)) + end


def _links(connection: Connection, one: Signature, candidates: set[int]) -> dict[int, Likeness]:
    """The candidates that are copies, with how alike they are."""
    if not candidates:
        return {}
    rows = connection.execute(_SIGNED, {"ids": list(candidates)}).all()
    likenesses = compare(one, [row.hashes for row in rows], [row.shingles for row in rows])
    pairs = zip(rows, likenesses, strict=True)
    return {row.reading_id: likeness for row, likeness in pairs if is_copy(likeness)}


def _texts(connection: Connection, reading_ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {reading_id: [] for reading_id in reading_ids}
    for block in connection.execute(
        select(BlockRow.reading_id, BlockRow.text)
        .where(BlockRow.reading_id.in_(reading_ids), BlockRow.kind != "caption")
        .order_by(BlockRow.reading_id, BlockRow.ordinal)
    ):
        found[block.reading_id].append(block.text)
    return found
