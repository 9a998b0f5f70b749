"""What copies of a text have in common: MinHash signatures of its shingles, and their bands.

Called by ``storage.reprint_links``. Two texts are compared by the share of 5-character shingles
that they have in common (Broder, "On the resemblance and containment of documents", 1997); the
signature estimates it, and a band in common makes two texts candidates at all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from storage.tokens import fold, letters

PERMUTATIONS = 128
BANDS = 32  # of 4 values each: half of the pairs that share 0.41 of their shingles meet in one
SHINGLE = 5  # characters
# A shorter text (two sentences, the words under a 图解) is mostly words that any page may have.
MIN_SHINGLES = 100
_CHUNK = 1024  # shingles hashed at once: their megabyte stays in the processor's cache

Hashes: TypeAlias = npt.NDArray[np.uint32]
_Words: TypeAlias = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """``hashes`` are the 128 minima, ``shingles`` how many different shingles there are."""

    hashes: Hashes
    shingles: int

    def to_bytes(self) -> bytes:
        """The minima as 512 bytes, little-endian."""
        return self.hashes.astype("<u4").tobytes()


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Estimates: ``similarity`` is the shared part of all shingles of both texts (Jaccard),
    ``containment`` the shared part of the shorter text's.
    """

    similarity: float
    containment: float


def sign(texts: Iterable[str]) -> Signature | None:
    """The signature of an article's blocks; ``None`` for a text too short to tell copies.

    Only letters and digits count, as one run: where portals break paragraphs, which width and
    which quotation marks they set makes no difference.
    """
    shingles = _shingles(letters(fold("\n".join(texts))))
    if len(shingles) < MIN_SHINGLES:
        return None
    minima = np.full(PERMUTATIONS, np.iinfo(np.uint64).max, np.uint64)
    for start in range(0, len(shingles), _CHUNK):
        hashed = shingles[start : start + _CHUNK, None] ^ _SEEDS
        hashed *= _FACTORS
        np.minimum(minima, hashed.min(axis=0), out=minima)
    return Signature(hashes=(minima >> _HALF).astype(np.uint32), shingles=len(shingles))


def bands(hashes: bytes) -> list[int]:
    """The 32 bands of stored minima, as signed 64-bit keys that name the band's place too."""
    rows = np.frombuffer(hashes, "<u4").astype(np.uint64).reshape(BANDS, -1)
    keys = np.arange(BANDS, dtype=np.uint64)
    for column in rows.T:
        keys = _mix(keys ^ column)
    return keys.view(np.int64).tolist()


def compare(one: Signature, hashes: Sequence[bytes], shingles: Sequence[int]) -> list[Likeness]:
    """How alike a text is to others, given their minima and numbers of shingles."""
    others = np.frombuffer(b"".join(hashes), "<u4").reshape(-1, PERMUTATIONS)
    similarities = (others == one.hashes).mean(axis=1)
    found = []
    for similarity, count in zip(similarities.tolist(), shingles, strict=True):
        shared = similarity / (1 + similarity) * (one.shingles + count)
        containment = min(shared / min(one.shingles, count), 1.0)
        found.append(Likeness(similarity=similarity, containment=containment))
    return found


def _shingles(text: str) -> _Words:
    """The different shingles of a text, each as a mixed 64-bit number."""
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), "<u4").astype(np.uint64)
    count = len(codes) - SHINGLE + 1
    if count < 1:
        return np.zeros(0, np.uint64)
    mixed = np.zeros(count, np.uint64)
    for place in range(SHINGLE):
        mixed = _mix(mixed ^ codes[place : place + count])
    mixed.sort()  # ``np.unique`` takes seven times as long over so few
    is_new = np.ones(count, bool)
    np.not_equal(mixed[1:], mixed[:-1], out=is_new[1:])
    return mixed[is_new]


def _mix(words: _Words) -> _Words:
    """The output function of SplitMix64 (Steele, Lea, Flood 2014): every bit moves every other."""
    words = words + np.uint64(0x9E3779B97F4A7C15)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


# Fixed for ever: signatures of all releases are compared. The upper half of a product with an odd
# factor is a universal hash (Dietzfelbinger 1997); the shingles are mixed before.
_HALF = np.uint64(32)
_SEEDS = _mix(np.arange(PERMUTATIONS, dtype=np.uint64))
_FACTORS = _mix(np.arange(PERMUTATIONS, 2 * PERMUTATIONS, dtype=np.uint64)) | np.uint64(1)
