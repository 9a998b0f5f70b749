"""Bytes to text: the character encoding of a Chinese page, decided in a fixed order.

Called by ``crawler.extract.page``. Pages lie about their encoding in both directions (a page
declaring GB2312 that is UTF-8, a saved copy with somebody else's header), so valid UTF-8 with at
least one CJK character is believed before any declaration.
"""

import codecs
import re
from dataclasses import dataclass

from crawler.extract.errors import ExtractionError

# First bytes of formats that servers send as text/html when a link points at a file.
_BINARY_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a zip or Office document"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x1f\x8b", "gzip data"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"\x89PNG", "a PNG image"),
    (b"GIF8", "a GIF image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"7z\xbc\xaf", "a 7z archive"),
)
# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What browsers read under a declared name (WHATWG Encoding Standard, section 4.2): GB2312 and GBK
# pages hold characters of GB18030, and "latin1" is windows-1252.
_READ_AS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "gb18030": "gb18030",
    "hz": "gb18030",
    "latin-1": "cp1252",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "big5": "big5hkscs",
}
_DECLARED_HTTP = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_DECLARED_META = re.compile(
    rb"""<(?:meta\b[^>]{0,300}?charset|\?xml\b[^>]{0,100}?encoding)\s*=\s*["']?\s*([\w.:-]+)""",
    re.IGNORECASE,
)
_CJK = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
# Python codecs that no page is written in; some decode anything, some in quadratic time.
_NO_PAGE_ENCODING = frozenset(
    ("utf-16", "utf-32", "utf-7", "punycode", "idna", "unicode-escape", "raw-unicode-escape")
)
_DECLARATION_BYTES = 4096  # HTML asks for the declaration in the first 1024; real pages are late
_NUL_SHARE = 0.001  # a stray NUL is a CMS fault; more of them is not text


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedText:
    """The characters of a page; ``errors`` counts replaced byte sequences."""

    text: str
    encoding: str | None
    errors: int = 0


def decode_body(body: bytes | str, content_type: str | None, where: str) -> DecodedText:
    """The text of ``body``; ``where`` is the address for the error message.

    Order: byte order mark; strict UTF-8 with a CJK character; what the HTTP header and then the
    page declare, if that decodes without error; strict UTF-8; strict GB18030; the declared
    encoding, or UTF-8, with replacement characters counted.
    """
    if isinstance(body, str):
        if not body.strip():
            raise _empty(where)
        return DecodedText(text=body, encoding=None)
    if not body.strip():
        raise _empty(where)
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return _decode_replacing(body[len(mark) :], encoding)
    _refuse_binary(body, where)
    utf8 = _decode_strict(body, "utf-8")
    if utf8 is not None and _CJK.search(utf8):
        return DecodedText(text=utf8, encoding="utf-8")
    declared = _find_declared(body, content_type)
    for encoding in (*declared, "utf-8", "gb18030"):
        text = utf8 if encoding == "utf-8" else _decode_strict(body, encoding)
        if text is not None:
            return DecodedText(text=text, encoding=encoding)
    return min(
        (_decode_replacing(body, encoding) for encoding in (*declared, "utf-8", "gb18030")),
        key=lambda decoded: decoded.errors,
    )


def _empty(where: str) -> ExtractionError:
    return ExtractionError(
        f"the page is empty ({where}): nothing to read; fetch it again or drop the address"
    )


def _refuse_binary(body: bytes, where: str) -> None:
    start = body[:16].lstrip()
    for magic, what in _BINARY_MAGIC:
        if start.startswith(magic):
            raise ExtractionError(
                f"the body is {what}, not a page ({where}): take the address as an attachment"
            )
    if body.count(0) > max(8, len(body) * _NUL_SHARE):
        raise ExtractionError(
            f"the body is binary data, not a page ({where}): take the address as an attachment"
        )


def _find_declared(body: bytes, content_type: str | None) -> list[str]:
    names = _DECLARED_HTTP.findall(content_type or "")
    names += [
        name.decode("ascii", "replace")
        for name in _DECLARED_META.findall(body[:_DECLARATION_BYTES])
    ]
    found: list[str] = []
    for name in names:
        try:
            encoding = codecs.lookup(name).name
        except LookupError:
            continue
        encoding = _READ_AS.get(name.lower(), _READ_AS.get(encoding, encoding))
        if encoding not in found and encoding not in _NO_PAGE_ENCODING:
            found.append(encoding)
    return found


def _decode_strict(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except (UnicodeError, LookupError):
        return None


def _decode_replacing(body: bytes, encoding: str) -> DecodedText:
    try:
        text = body.decode(encoding, "replace")
    except (UnicodeError, LookupError):  # a Python codec that is no character encoding (base64)
        text, encoding = body.decode("utf-8", "replace"), "utf-8"
    return DecodedText(text=text, encoding=encoding, errors=text.count("\ufffd"))
