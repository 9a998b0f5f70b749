"""Characters: which a text may hold to be stored on every backend, which are Han, which are wide.

``storable_text`` is called by ``storage.schema`` for every text that reaches the database, and by
``storage.identity`` and ``storage.digest`` so that keys and digests are those of the stored text.
"""

import re

# PostgreSQL takes no NUL, UTF-8 has no lone surrogate; a damaged page can yield both.
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")

# Han characters of names and words, for the inside of a character class.
HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
# Full-width ASCII and its narrow twins, for ``str.translate``: equal in length.
NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}


def storable_text(text: str) -> str:
    """``text`` with U+FFFD for each character no database can hold; offsets stay as they are."""
    return _UNSTORABLE.sub("\ufffd", text)
