"""Signatures and the buckets of their bands in the database: what an insertion asks and writes.

Called by ``storage.reprint_links`` for every new reading. The statements are written for the
drivers as they stand, with 32 keys as one value, and for PostgreSQL so that an insertion takes two
round trips to the server, three when it is a copy.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from storage.signatures import Likeness

# A bucket takes no more readings: what so many have in common is a form (a bulletin's standing
# text) or a text reprinted everywhere, whose further copies still meet these ones.
FULL = 64
_BAND_LOCK = 0x6A696566  # the bands' part of PostgreSQL's advisory locks

# The readings of later versions are counted one version at a time, of which there is none but when
# an older archive is gone through reading by reading: as a join PostgreSQL reads all readings while
# it has no statistics.
_PLACE = """
SELECT versions.article_id, signatures.reading_id AS signed_id,
signatures.hashes AS signed_hashes, NOT EXISTS (
  SELECT 1 FROM versions AS later
  WHERE later.article_id = versions.article_id AND later.number > versions.number
  AND (SELECT count(*) FROM readings WHERE version_id = later.id AND id <= :reading_id) > 0
) AS is_latest
FROM versions LEFT JOIN signatures
ON signatures.article_id = versions.article_id AND signatures.hashes IS NOT NULL
WHERE versions.id = :version_id
"""
# PostgreSQL's also takes the locks, for the sake of a number that nobody reads.
_PLACE_AND_LOCK = f"""
SELECT placed.*, (
  SELECT count(pg_advisory_xact_lock(:lock, number))
  FROM unnest(CAST(:numbers AS integer[])) AS number
) FROM ({_PLACE}) AS placed
"""
_SIGN = """
INSERT INTO signatures (reading_id, article_id, hashes, shingles)
VALUES (:reading_id, :article_id, :hashes, :shingles)
"""
_MEET = """
SELECT reading_id, hashes, shingles FROM (
  SELECT DISTINCT signature_id FROM json_each(:keys) CROSS JOIN signature_bands ON band = value
) CROSS JOIN signatures ON reading_id = signature_id ORDER BY signature_id
"""
_ENTER = """
INSERT INTO signature_bands (signature_id, band) SELECT :reading_id, value FROM json_each(:keys)
WHERE (SELECT count(*) FROM signature_bands WHERE band = value) < :full
"""
# All three in one for PostgreSQL. LATERAL and OFFSET have each signature looked up, whatever it
# believes of the tables.
_MEET_AND_ENTER = f"""
WITH met AS MATERIALIZED (
  SELECT band, signature_id FROM signature_bands WHERE band = ANY (CAST(:keys AS bigint[]))
), signed AS ({_SIGN}), entered AS (
  INSERT INTO signature_bands (signature_id, band)
  SELECT :reading_id, key FROM unnest(CAST(:keys AS bigint[])) AS key
  WHERE key NOT IN (SELECT band FROM met GROUP BY band HAVING count(*) >= :full)
)
SELECT found.* FROM (SELECT DISTINCT signature_id FROM met) AS one CROSS JOIN LATERAL (
  SELECT reading_id, hashes, shingles FROM signatures WHERE reading_id = signature_id OFFSET 0
) AS found ORDER BY reading_id
"""
_LINK = """
INSERT INTO reprint_links (reading_id, other_reading_id, similarity, containment)
VALUES (:reading_id, :other, :similarity, :containment)
"""
# One statement for PostgreSQL however many they are.
_LINK_ALL = """
INSERT INTO reprint_links (reading_id, other_reading_id, similarity, containment)
SELECT :reading_id, * FROM unnest(
  CAST(:others AS bigint[]), CAST(:similarities AS float8[]), CAST(:containments AS float8[])
)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a reading stands: its article, and the signature that the article has until now."""

    article_id: int
    signed_id: int | None  # the reading whose signature it is
    signed_hashes: bytes | None
    is_latest: bool  # its version has no later one that had been read by then


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A reading with its signature as the table has it."""

    reading_id: int
    hashes: bytes
    shingles: int


def find_place(
    connection: Connection, version_id: int, reading_id: int, locked: Sequence[int]
) -> Place:
    """Where a reading stands; on PostgreSQL the bands of the keys ``locked`` are ours from then.

    No other transaction compares a text of these bands until this one ends: otherwise two copies
    added at the same moment would not see each other. SQLite has one writer at a time.
    """
    values: dict[str, object] = {"version_id": version_id, "reading_id": reading_id}
    if connection.dialect.name == "sqlite":
        row = connection.exec_driver_sql(_PLACE, values).one()
    else:
        numbers = sorted({key >> 32 for key in locked})  # in one order: no deadlocks
        values |= {"lock": _BAND_LOCK, "numbers": _array(numbers)}
        row = connection.exec_driver_sql(_POSTGRESQL[_PLACE_AND_LOCK], values).one()
    return Place(
        article_id=row.article_id,
        signed_id=row.signed_id,
        signed_hashes=row.signed_hashes,
        is_latest=bool(row.is_latest),
    )


def enter(
    connection: Connection, article_id: int, one: Signed, keys: Sequence[int]
) -> list[Signed]:
    """Keep a reading's signature and put it into the buckets of its keys.

    Gives those it meets there, in the order of their readings.
    """
    values: dict[str, object] = {
        "reading_id": one.reading_id,
        "article_id": article_id,
        "hashes": one.hashes,
        "shingles": one.shingles,
        "full": FULL,
    }
    if connection.dialect.name == "sqlite":
        values["keys"] = str(list(keys))  # JSON
        met = connection.exec_driver_sql(_MEET, values).all()
        connection.exec_driver_sql(_SIGN, values)
        connection.exec_driver_sql(_ENTER, values)
    else:
        values["keys"] = _array(keys)
        met = connection.exec_driver_sql(_POSTGRESQL[_MEET_AND_ENTER], values).all()
    return [Signed(reading_id=id_, hashes=hashes, shingles=count) for id_, hashes, count in met]


def link(connection: Connection, reading_id: int, copies: Mapping[int, Likeness]) -> None:
    """Keep that a reading is a copy of others."""
    if connection.dialect.name == "sqlite":
        values = [
            {"reading_id": reading_id, "other": other}
            | {"similarity": likeness.similarity, "containment": likeness.containment}
            for other, likeness in copies.items()
        ]
        connection.exec_driver_sql(_LINK, values)
        return
    likenesses = copies.values()
    arrays = {
        "others": _array(copies),
        "similarities": _array(likeness.similarity for likeness in likenesses),
        "containments": _array(likeness.containment for likeness in likenesses),
    }
    connection.exec_driver_sql(_POSTGRESQL[_LINK_ALL], arrays | {"reading_id": reading_id})


def _array(numbers: Iterable[float]) -> str:
    """Numbers as PostgreSQL writes an array."""
    return "{" + ",".join(map(str, numbers)) + "}"


# SQLite's driver takes parameters as they are marked here.
_POSTGRESQL = {
    text: re.sub(r":(\w+)", r"%(\1)s", text)
    for text in (_PLACE_AND_LOCK, _MEET_AND_ENTER, _LINK_ALL)
}
