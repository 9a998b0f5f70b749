"""One key for a policy document however it is written.

Used by ``crawler.extract.policy`` when it reads a title, by ``storage.documents`` to find one.
"""

import re

from storage.characters import NARROW

_DROPPED = re.compile(r"[\W_]+")
_COUNTRY = "中华人民共和国"
_CENTRE = re.compile(r"\A(?:中共中央办公厅|国务院办公厅|中共中央|国务院)+(?=关于)")
_NUMBER = re.compile(
    r"\s*(?P<code>.{1,24}?)\s*[〔\[［【(（〈﹝]\s*(?P<y>(?:19|20)\d\d)\s*[〕\]］】)）〉﹞]\s*(?P<di>第?)\s*0*(?P<n>\d{1,5})\s*号?\s*\Z"
)


def letters_of(title: str) -> str:
    """A title without blanks, marks and brackets, its characters narrow."""
    return _DROPPED.sub("", title.translate(NARROW))


def match_key(title: str) -> str:
    """What all spellings of a title share: no blanks, marks, brackets, leading name of the state.

    The central organs in front of 关于 go too: newspapers drop them as often as not.
    """
    key = letters_of(title)
    if key.startswith(_COUNTRY) and len(key) > len(_COUNTRY) + 1:
        key = key[len(_COUNTRY) :]
    return _CENTRE.sub("", key)


def fold_number(text: str) -> str | None:
    """A document number as typed, in the canonical form; ``None`` when it is none."""
    found = _NUMBER.match(text)
    if not found:
        return None
    code = "".join(found["code"].split())
    return f"{code}〔{found['y']}〕{found['di'] if code.endswith('公告') else ''}{found['n']}号"
