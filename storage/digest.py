"""Digests: of a content, equal exactly when the publisher's words are, and of wire bytes.

The first tells ``storage.chain`` a new version from another visit, the second identical captures.
"""

import base64
import hashlib
import re

from storage.characters import storable_text
from storage.record import Article

# All Unicode white space (as str.isspace sees it, \s does too) and the zero-width characters.
_INVISIBLE = re.compile(r"[\s\u180e\u200b-\u200f\u2060\ufeff]+")


def content_digest(article: Article) -> str:
    """SHA-256 (hex) over title, line feed and the texts of all blocks but captions.

    White space and zero-width characters are removed and nothing else is folded. For a 图解 the
    addresses of the content images follow, without query, one a line. Byline, origin, editors,
    captions, sidebars and counters have no part in it.
    """
    parts = [
        squash(article.title or ""),
        squash("".join(block.text for block in article.blocks if block.kind != "caption")),
    ]
    if article.media_kind == "图解":
        parts += [image.url.partition("?")[0] for image in article.images]
    return hashlib.sha256(storable_text("\n".join(parts)).encode()).hexdigest()


def payload_digest(body: bytes) -> str:
    """``sha1:`` and base32, the form WARC tools expect; over the wire body."""
    return "sha1:" + base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


def squash(text: str) -> str:
    """The text without white space and zero-width characters: what a content is compared by."""
    return _INVISIBLE.sub("", text)
