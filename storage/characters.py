"""Which characters a text may hold to be stored on every backend.

Called by ``storage.schema`` for every text that reaches the database, and by ``storage.identity``
and ``storage.digest`` so that keys and digests are those of the stored text.
"""

import re

# PostgreSQL takes no NUL, UTF-8 has no lone surrogate; a damaged page can yield both.
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def storable_text(text: str) -> str:
    """``text`` with U+FFFD for each character no database can hold; offsets stay as they are."""
    return _UNSTORABLE.sub("\ufffd", text)
