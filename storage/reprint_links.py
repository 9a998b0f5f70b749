"""Which readings have a text in common: found when a reading is written, in its transaction.

Called by ``storage.chain`` for each new reading, by ``storage.opening`` after a migration, and by
an erasure. Only the current reading of an article's latest version is compared; what was found
stays, so that it can be told which articles were copies at any time.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import (
    Connection,
    Select,
    delete,
    exists,
    insert,
    or_,
    select,
    text,
    update,
)

from storage.reprint_buckets import Signed, enter, find_place, link
from storage.reprint_schema import BandRow, ReprintLinkRow, SignatureRow
from storage.schema import BlockRow, ReadingRow, VersionRow, WithdrawalRow
from storage.signatures import Likeness, Signature, bands, compare, sign

# Two texts are copies when they share half of all their shingles, or when the longer one holds
# four fifths of the shorter one, as long as they share a third. Unrelated articles of one newsroom
# share up to 0.18 of all and hold up to 0.38 of one another, issues of a bulletin with a standing
# paragraph share 0.3; a text trimmed by 60 % shares 0.4.
MIN_SIMILARITY = 0.5
MIN_CONTAINMENT, MIN_SIMILARITY_CONTAINED = 0.8, 0.35
_BATCH = 200  # readings compared at once while an archive is upgraded


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
    found = sign(texts)
    keys = bands(found.to_bytes()) if found else []
    place = find_place(connection, version_id, reading_id, () if is_alone else keys)
    if place.is_latest and place.signed_id is not None and place.signed_hashes is not None:
        _supersede(connection, place.signed_id, place.signed_hashes)
    if found is None or not place.is_latest:
        row = {"reading_id": reading_id, "article_id": place.article_id}
        connection.execute(insert(SignatureRow), row | {"hashes": None, "shingles": None})
        return
    one = Signed(reading_id=reading_id, hashes=found.to_bytes(), shingles=found.shingles)
    links = _links(found, enter(connection, place.article_id, one, keys))
    if links:
        link(connection, reading_id, links)


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


def _links(one: Signature, candidates: Sequence[Signed]) -> dict[int, Likeness]:
    """The candidates that are copies, with how alike they are."""
    if not candidates:
        return {}
    likenesses = compare(
        one, [other.hashes for other in candidates], [other.shingles for other in candidates]
    )
    pairs = zip(candidates, likenesses, strict=True)
    return {other.reading_id: likeness for other, likeness in pairs if is_copy(likeness)}


def _texts(connection: Connection, reading_ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {reading_id: [] for reading_id in reading_ids}
    for block in connection.execute(
        select(BlockRow.reading_id, BlockRow.text)
        .where(BlockRow.reading_id.in_(reading_ids), BlockRow.kind != "caption")
        .order_by(BlockRow.reading_id, BlockRow.ordinal)
    ):
        found[block.reading_id].append(block.text)
    return found
