"""Texts are folded the same way whichever of the quick ways is taken."""

import random
import sys

from storage.tokens import _WIDE, _WIDTH, finder, fold, fold_with_offsets
from tests.search_corpus import plainly_folded

# Han and not, of every width and case; white space; what folds to two characters and to others.
CHARACTERS = "甲乙々〇 \u3000\xa0\t\naＡAａßſKK（(!！㎡①İi\u0307é９9。、"
UNSTORABLE = "\ufffd\uffff\U0010ff28\x00"


def make_texts(characters: str, seed: str) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choices(characters, k=rng.randint(0, 12))) for _ in range(20_000)]


def test_folding_is_that_of_the_specification() -> None:
    for text in make_texts(CHARACTERS, "specification"):
        assert fold(text) == plainly_folded(text)


def test_every_folded_character_knows_where_it_came_from() -> None:
    for text in make_texts(CHARACTERS + UNSTORABLE, "offsets"):
        folded, offsets = fold_with_offsets(text)
        assert folded == fold(text)
        assert len(offsets) == len(folded)
        assert offsets == sorted(offsets)
        assert all(one in fold(text[at]) for one, at in zip(folded, offsets, strict=True))


def test_a_word_is_found_where_the_folded_text_has_it() -> None:
    rng = random.Random("finder")
    outcomes = set()
    for text in make_texts(CHARACTERS + UNSTORABLE, "finder"):
        start = rng.randrange(len(text) + 1)
        word = fold(text[start : start + rng.randint(1, 4)]).strip() or "甲"
        for other in (text, text[::-1]):
            assert finder(word)(other) == (word in fold(other)), (word, other)
            outcomes.add(word in fold(other))
    assert outcomes == {True, False}


def test_the_pattern_of_wide_characters_has_all_of_them() -> None:
    found = {code for code in range(sys.maxunicode + 1) if _WIDE.match(chr(code))}
    assert found == set(_WIDTH)
