"""Signatures are what the definition says, and tell copies whatever the portal's typesetting."""

import random

import pytest

from storage.signatures import MIN_SHINGLES, bands, compare, sign
from tests.reprint_corpus import Newsroom

ROOM = Newsroom()
WORD = 2**64 - 1


def mixed(number: int) -> int:
    """SplitMix64 as published, with Python's own integers."""
    number = (number + 0x9E3779B97F4A7C15) & WORD
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & WORD
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & WORD
    return number ^ (number >> 31)


def plain_signature(letters: str) -> list[int]:
    """The 128 minima, one shingle after the other."""
    shingles = set()
    for start in range(len(letters) - 4):
        number = 0
        for character in letters[start : start + 5]:
            number = mixed(number ^ ord(character))
        shingles.add(number)
    return [
        min(((s ^ mixed(n)) * (mixed(128 + n) | 1) & WORD) >> 32 for s in shingles)
        for n in range(128)
    ]


def test_a_signature_is_what_plain_arithmetic_gives() -> None:
    letters = "".join(chr(0x4E00 + 37 * n % 900) for n in range(400)) + "5g𠮷ss"
    text = letters[:200] + "，“” 。\u3000" + letters[200:400] + "５Ｇ𠮷ß"
    found = sign([text])
    assert found is not None
    assert found.shingles == 401  # 405 letters, no five of them twice
    assert found.hashes.tolist() == plain_signature(letters)


def test_a_band_is_shared_exactly_by_those_whose_four_minima_are_the_same() -> None:
    one = sign(ROOM.write(1))
    assert one is not None
    keys = bands(one.to_bytes())
    assert len(set(keys)) == 32
    assert all(-(2**63) <= key < 2**63 for key in keys)
    for changed in (0, 3, 4, 127):
        hashes = one.hashes.copy()
        hashes[changed] += 1
        others = bands(hashes.tobytes())
        assert [k for k in range(32) if keys[k] != others[k]] == [changed // 4]


def test_the_same_minima_in_another_place_make_another_band() -> None:
    assert len(set(bands(bytes(512)))) == 32


def test_typesetting_makes_no_difference() -> None:
    text = ROOM.write(2)
    again = ROOM.set_anew(text, random.Random(1))
    assert again != text
    one, other = sign(text), sign(again)
    assert one is not None
    assert other is not None
    assert one.to_bytes() == other.to_bytes()


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_likeness_is_estimated(share: float) -> None:
    """Texts of random characters, of which a share is common: half of all shingles, for 2/3."""
    rng = random.Random(share)
    errors = []
    for _ in range(20):
        common, a, b = (
            "".join(chr(0x4E00 + rng.randrange(5000)) for _ in range(size))
            for size in (int(1000 * share), 1000 - int(1000 * share), 500 - int(500 * share))
        )
        one, other = sign([common + a]), sign([common + b])
        assert one is not None
        assert other is not None
        (found,) = compare(one, [other.to_bytes()], [other.shingles])
        true = len(common) / (len(common) + len(a) + len(b))
        errors.append(found.similarity - true)
        assert abs(found.containment - len(common) / len(common + b)) < 0.25
    assert abs(sum(errors) / len(errors)) < 0.03  # three standard deviations of the mean


def test_a_short_text_has_no_signature() -> None:
    letters = "".join(chr(0x4E00 + n) for n in range(MIN_SHINGLES + 4))
    assert sign([letters[:-1]]) is None
    assert sign([letters]) is not None
    assert sign([]) is None
    assert sign(["同一句话。" * 1000]) is None


def test_a_very_long_text_and_odd_characters_are_no_trouble() -> None:
    rng = random.Random(1)
    text = "".join(chr(0x4E00 + rng.randrange(20_000)) for _ in range(100_000))
    found = sign([text, "\ud800\x00"])
    assert found is not None
    assert found.shingles > 99_000
