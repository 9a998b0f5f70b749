"""The permalink of a version: an address that says which content of an article is meant.

Printed by ``storage.cite``, understood wherever an article is named (``storage.lookups``).

A permalink is the article's canonical URL with a fragment of the version's number and digest:
``http://news.example.cn/1.html#version=2&sha256=4f0c…``. A browser drops the fragment and opens
the live page, which may have changed or gone since; an archive of Jiedu finds the version by the
digest, whatever number it has there, and anyone who has a text can tell by the digest whether it is
the one that was cited. It is no promise of a server that keeps the page.
"""

import re
from dataclasses import dataclass

_FRAGMENT = re.compile(r"#version=(?P<number>[1-9]\d{0,8})(?:&sha256=(?P<digest>[0-9a-f]{64}))?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionAddress:
    """What a permalink says; ``digest`` is ``None`` when it names a number alone."""

    url: str
    number: int
    digest: str | None


def permalink(url: str, number: int, digest: str) -> str:
    """The permalink of version ``number`` of the article at ``url``."""
    return f"{url}#version={number}&sha256={digest}"


def parse_permalink(text: str) -> VersionAddress | None:
    """What a permalink says; ``None`` for any other text, a plain URL among them."""
    found = _FRAGMENT.search(text.strip())
    if found is None:
        return None
    return VersionAddress(
        url=text.strip()[: found.start()], number=int(found["number"]), digest=found["digest"]
    )
