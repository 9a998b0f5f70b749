"""The one tokeniser: how a text is folded, and which tokens of it the search index holds.

Called by ``storage.indexing`` for what is stored and by ``storage.search`` for what is asked, so
that both backends see a text alike. A text gives its overlapping pairs of characters, white space
and marks like any other, and its last character alone: consecutive pairs stand for exactly one
substring, and none reaches from one text into the next. Words of one character are looked up
among the different characters of all the texts.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

from storage.characters import NARROW, storable_text

# Full-width ASCII and the wide spaces have narrow twins, one character each, so that offsets stay
# (notes on the matching view: NFKC would also rewrite ①, ㎡ and …). Kept free: U+FFFF to part the
# blocks of a text, and the private characters that stand for ASCII marks in tokens.
BOUNDARY = "\uffff"
_PRIVATE = 0x10FF00
_IN_TITLE = chr(_PRIVATE + 0xFF)  # begins the token of a character that the title holds
_WIDTH = NARROW | {0x3000: 0x20, 0xA0: 0x20, ord(BOUNDARY): 0xFFFD}
_WIDTH |= dict.fromkeys(range(_PRIVATE, _PRIVATE + 0x100), 0xFFFD)
# FTS5's tokenizer `ascii` takes these for ends of tokens, a tsquery some of them for syntax.
_TOKEN = {code: _PRIVATE + code for code in range(0x80) if not chr(code).isalnum()}
_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
_GAP = re.compile(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])")
_CASELESS = re.compile(rf"[{_HAN}!-@\[-`{{-~]+")  # no white space either: it has three forms
_is_han = re.compile(rf"[{_HAN}]").match


def fold(text: str) -> str:
    """``text`` as it is compared: narrow, without case, no white space between Han characters."""
    return _GAP.sub("", storable_text(text).translate(_WIDTH).casefold())


def fold_with_offsets(text: str) -> tuple[str, list[int]]:
    """``fold(text)`` and, for each of its characters, the offset of the one it came from."""
    folded, offsets = [], []
    for offset, character in enumerate(storable_text(text).translate(_WIDTH)):
        for part in character.casefold():  # ß gives ss
            folded.append(part)
            offsets.append(offset)
    whole = "".join(folded)
    gaps = [range(*gap.span()) for gap in _GAP.finditer(whole)]
    if gaps:
        dropped = {position for gap in gaps for position in gap}
        offsets = [offset for n, offset in enumerate(offsets) if n not in dropped]
    return _GAP.sub("", whole), offsets


@lru_cache(maxsize=256)
def unfolded_pattern(word: str) -> re.Pattern[str] | None:
    """What the folded ``word`` looks like in texts as they are; ``None`` if it can be too much.

    Much quicker than folding the texts. Han, digits and ASCII marks have no case, so that each is
    itself or its full-width twin.
    """
    if not _CASELESS.fullmatch(word):
        return None
    parts = []
    for before, character in zip(" " + word, word, strict=False):
        if _is_han(before) and _is_han(character):
            parts.append(r"\s*")
        is_ascii = "!" <= character <= "~"
        twin = chr(ord(character) + 0xFEE0) if is_ascii else ""
        parts.append(f"[{re.escape(character)}{twin}]")
    return re.compile("".join(parts))


def pairs(folded: str) -> list[str]:
    """The pairs of a text and its last character, in order: tokens that stand for substrings."""
    coded = folded.translate(_TOKEN)
    return [*map("".join, pairwise(coded)), coded[-1:]] if coded else []


def letters(folded: str) -> str:
    """Only the letters and digits of a text, in order."""
    return "".join(filter(str.isalnum, folded))


def placed_text(folded_parts: Iterable[str]) -> str:
    """The pairs of some texts as one text, for SQLite FTS5 and its tokenizer ``ascii``."""
    return " ".join([token for part in folded_parts for token in pairs(part)])


def characters(title: str, blocks: Iterable[str]) -> list[str]:
    """A token for each different character, and another for each that the title holds."""
    of_title = set(title.translate(_TOKEN))
    found = of_title.union(*(block.translate(_TOKEN) for block in blocks))
    return sorted(found.union(title_tokens(of_title)))


def lexemes(title: str, blocks: Iterable[str]) -> list[str]:
    """The different tokens for a PostgreSQL ``tsvector``: pairs and characters, also of the title.

    Without places: GIN holds none, so that a phrase would be compared with the stored text anyway,
    and a ``tsvector`` takes no more than 16,383 of them.
    """
    parts = [title, *blocks]
    found = {token for part in parts for token in pairs(part)}
    found.update(title_tokens(pairs(title)))
    return sorted(found.union(characters(title, parts)))


def asked_tokens(word: str) -> list[str]:
    """The tokens of a folded word, in order; a text that has them one after another has the word.

    A word of one character has it as its token, a longer one its pairs.
    """
    return pairs(word)[:-1] or pairs(word)


def title_tokens(tokens: Iterable[str]) -> list[str]:
    """What tokens are called that stand for the title alone."""
    return [_IN_TITLE + token for token in tokens]
