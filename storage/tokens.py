"""The one tokeniser: how a text is folded, and which tokens of it the search index holds.

Called by ``storage.indexing`` for what is stored and by ``storage.search`` for what is asked, so
that both backends see a text alike. A text gives its overlapping pairs of characters, white space
and marks like any other, and its last character alone: consecutive pairs stand for exactly one
substring, and none reaches from one text into the next. Words of one character are looked up
among the different characters of all the texts.
"""

import re
from collections.abc import Callable, Iterable
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
# Begins with what is looked for, which is much quicker than to look behind every character.
_GAP = re.compile(rf"\s(?<=[{_HAN}]\s)\s*(?=[{_HAN}])")
_TWINS: dict[str, str] = {}  # of a narrow character all the wide ones
for _wide, _plain in _WIDTH.items():
    _TWINS[chr(_plain)] = _TWINS.get(chr(_plain), "") + chr(_wide)
_WIDE = re.compile("[\xa0\u3000\uff01-\uff5e\uffff\U0010ff00-\U0010ffff]")  # those of _WIDTH
_CASELESS = re.compile(rf"[{_HAN}!-@\[-`{{-~]+")  # no white space either: it has three forms
_NO_LETTER = re.compile(r"[\W_]+")
_is_han = re.compile(rf"[{_HAN}]").match


def _narrow(text: str) -> str:
    # Much quicker than ``str.translate``, which looks up every character.
    return _WIDE.sub(lambda wide: chr(_WIDTH[ord(wide[0])]), storable_text(text))


def fold(text: str) -> str:
    """``text`` as it is compared: narrow, without case, no white space between Han characters."""
    return _GAP.sub("", _narrow(text).casefold())


def fold_with_offsets(text: str) -> tuple[str, list[int]]:
    """``fold(text)`` and, for each of its characters, the offset of the one it came from."""
    narrow = _narrow(text)
    whole, offsets = narrow.casefold(), list(range(len(text)))
    if len(whole) > len(narrow):  # ß gives ss
        offsets = [n for n, character in enumerate(narrow) for _ in character.casefold()]
    gaps = [range(*gap.span()) for gap in _GAP.finditer(whole)]
    if gaps:
        dropped = {position for gap in gaps for position in gap}
        offsets = [offset for n, offset in enumerate(offsets) if n not in dropped]
    return _GAP.sub("", whole), offsets


@lru_cache(maxsize=256)
def finder(word: str) -> Callable[[str], bool]:
    """A function that tells whether ``fold(text)`` has the folded ``word``, without folding it.

    Much quicker: it looks for what the word may look like in a text. Each character is itself or
    one of its wide twins, Han characters have white space between them or none.
    """
    if "\ufffd" in word:  # stands for too many
        return lambda text: word in fold(text)
    parts = []
    for before, character in zip(" " + word, word, strict=False):
        if _is_han(before) and _is_han(character):
            parts.append(r"\s*")
        parts.append(f"[{re.escape(character)}{_TWINS.get(character, '')}]")
    search = re.compile("".join(parts)).search
    if _CASELESS.fullmatch(word):
        return lambda text: word in text or search(text) is not None
    return lambda text: search(text.casefold()) is not None


def pairs(folded: str) -> list[str]:
    """The pairs of a text and its last character, in order: tokens that stand for substrings."""
    coded = folded.translate(_TOKEN)
    return [*map("".join, pairwise(coded)), coded[-1:]] if coded else []


def letters(folded: str) -> str:
    """Only the letters and digits of a text, in order."""
    return _NO_LETTER.sub("", folded)


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
