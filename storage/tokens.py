"""The one tokeniser: how a text is folded, and which tokens of it the search index holds.

Called by ``storage.indexing`` for what is stored and by ``storage.search`` for what is asked, so
that both backends see a text alike. A text is cut into runs of letters and digits (Han, Latin,
figures alike); a run gives its overlapping pairs of characters and its last character alone, so
that consecutive tokens stand for exactly one substring. What stands between runs is not placed:
each such character gives one token a text, and a phrase that holds one is compared with the text.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

from storage.characters import storable_text

# Full-width ASCII and the wide spaces have narrow twins, one character each, so that offsets stay
# (notes on the matching view: NFKC would also rewrite ①, ㎡ and …). U+FFFF is kept free to
# part the blocks of a text.
BOUNDARY = "\uffff"
_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_WIDTH |= {0x3000: 0x20, 0xA0: 0x20, ord(BOUNDARY): 0xFFFD}
_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
_GAP = re.compile(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])")
_CASELESS = re.compile(rf"[{_HAN}!-@\[-`{{-~]+")  # no white space either: it has three forms
_is_han = re.compile(rf"[{_HAN}]").match
_RUN = re.compile(r"[^\W_]+")  # exactly the characters for which str.isalnum is true
_MARK = "\ue000"  # begins the token of a character that is neither letter, digit nor space


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
    """The pairs of each run and its last character, in order: the tokens whose places count."""
    tokens: list[str] = []
    for run in _RUN.findall(folded):
        tokens += map("".join, pairwise(run))
        tokens.append(run[-1])
    return tokens


def letters(folded: str) -> str:
    """Only the letters and digits of a text, its runs in order."""
    return "".join(_RUN.findall(folded))


def marks(folded: str) -> list[str]:
    """One token for each different character that is neither letter, digit nor white space."""
    return [
        f"{_MARK}{ord(character):x}"
        for character in sorted(set(folded))
        if not character.isalnum() and not character.isspace()
    ]


def is_run(folded: str) -> bool:
    """Whether the text is letters and digits only."""
    return folded.isalnum()


def placed_text(folded_parts: Iterable[str]) -> str:
    """The tokens of some texts as one, for SQLite FTS5 and its tokenizer ``ascii``.

    Between two texts stands no boundary: the last character of a run, alone, parts it from the
    next run wherever that stands.
    """
    parts = list(folded_parts)
    tokens = [token for part in parts for token in pairs(part)]
    return " ".join([*tokens, *marks("".join(parts))])


def fts5_expression(word: str) -> str:
    """What finds every text with the folded ``word`` in FTS5, and nothing else if ``is_run``.

    A single mark is exact too. A word of several runs is a phrase of the tokens of its runs; the
    last one may go on in the text, so a single character there is a prefix.
    """
    wanted = [f'"{mark}"' for mark in marks(word)]
    runs = _RUN.findall(word)
    if runs:
        tokens = pairs(word)
        is_prefix = False
        if word[-1].isalnum():
            is_prefix = len(runs[-1]) == 1
            if not is_prefix:
                tokens.pop()
        wanted.append(f'"{" ".join(tokens)}"' + (" *" if is_prefix else ""))
    return f"({' AND '.join(wanted)})"


def lexemes(folded_parts: Iterable[str]) -> list[str]:
    """The different tokens of some texts for a PostgreSQL ``tsvector``: pairs, characters, marks.

    Without places: GIN holds none, so that a phrase would be compared with the stored text anyway,
    and a ``tsvector`` takes no more than 16,383 of them.
    """
    parts = list(folded_parts)
    found = {token for part in parts for token in pairs(part)}
    whole = "".join(parts)
    return sorted(found | {c for c in set(whole) if c.isalnum()} | set(marks(whole)))


def asked_lexemes(word: str) -> list[str]:
    """The tokens every text with the folded ``word`` has; one is exact, more are necessary."""
    runs = _RUN.findall(word)
    wanted = {run if len(run) == 1 else pair for run in runs for pair in _inner_pairs(run)}
    return sorted(wanted | set(marks(word)))


def _inner_pairs(run: str) -> list[str]:
    return [run[n : n + 2] for n in range(max(len(run) - 1, 1))]


__all__ = [
    "BOUNDARY",
    "asked_lexemes",
    "fold",
    "fold_with_offsets",
    "fts5_expression",
    "is_run",
    "letters",
    "lexemes",
    "marks",
    "pairs",
    "placed_text",
    "unfolded_pattern",
]
