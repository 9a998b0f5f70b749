"""Attachments and images of an article: which to ask for, and what each is called.

Called by ``crawler.spider`` for every article it has read. The files are captures of their own:
one that cannot be had never fails its article.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

from scrapy.http import Response

from storage import Archive, Article, Attachment, Image

FileKind = Literal["attachment", "image"]

_NAME_LENGTH = 200  # file systems take 255 bytes; a Chinese character is three of them at most
_STAR = re.compile(r"filename\*\s*=\s*([\w-]*)'[^']*'([^;\s]+)", re.IGNORECASE)
_PLAIN = re.compile(r"filename\s*=\s*(?:\"([^\"]*)\"|([^;]+))", re.IGNORECASE)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePolicy:
    """What an operator wants kept beside the pages."""

    attachments: bool = False
    images: bool = False
    is_recheck: bool = False
    max_bytes: int = 0

    def wanted(
        self, article: Article, archive: Archive
    ) -> Iterator[tuple[FileKind, str, str | None]]:
        """Kind, address and shown name of the files to ask for, each once.

        Files that are kept already are asked for only when rechecking, conditionally; those that
        failed too often no more.
        """
        files: list[tuple[FileKind, Attachment | Image]] = []
        if self.attachments:
            files += [("attachment", file) for file in article.attachments]
        if self.images:
            files += [("image", image) for image in article.images]
        for kind, url in dict.fromkeys((kind, file.url) for kind, file in files):
            if _is_public(url) and archive.wants_file(url, is_recheck=self.is_recheck):
                shown = next(file for other, file in files if (other, file.url) == (kind, url))
                yield kind, url, shown.name if isinstance(shown, Attachment) else None


def _is_public(url: str) -> bool:
    """Whether a page may name this address: none of a machine or network of our own.

    Portals name their hosts; an address by number, or a name without a dot, leads inside.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_number = ":" in host or host.replace(".", "").isdecimal()
    return parts.scheme in ("http", "https") and "." in host and not is_number


def file_failure(response: Response, kind: FileKind) -> str | None:
    """Why an answer is not the file, ``None`` when it is."""
    if refusal := response.meta.get("refusal"):
        return f"refused: {refusal}"
    if response.status == 304:
        return None
    if response.status != 200:
        return f"HTTP {response.status}"
    if not response.body:
        return "the file is empty"
    content_type = (response.headers.get("Content-Type") or b"").decode("latin-1").lower()
    is_page = content_type.startswith("text/html") and response.body.lstrip()[:1] == b"<"
    wants_page = re.search(r"\.s?html?$", urlsplit(response.url).path, re.IGNORECASE)
    if is_page and (kind == "image" or not wants_page):
        return "a page came instead of the file"
    return None


def file_name(response: Response, shown: str | None) -> str | None:
    """What the file is called: by its server (RFC 6266), by the page, by its address."""
    stated = (response.headers.get("Content-Disposition") or b"").decode("latin-1")
    path = unquote(urlsplit(response.url).path).rpartition("/")[2]
    suffix = path[path.rfind(".") :] if "." in path else ""
    names = [_stated_name(stated)]
    if shown and re.search(r"\.\w{2,5}$", shown.strip()):
        names.append(shown)
    elif shown and re.fullmatch(r"\.\w{2,5}", suffix):
        names.append(shown.strip() + suffix)
    for name in (*names, path):
        clean = _UNSAFE.sub("_", name or "").strip(" ._")
        if clean:
            stem, dot, end = clean.rpartition(".")
            return stem[: _NAME_LENGTH - len(end) - 1] + dot + end if dot else clean[:_NAME_LENGTH]
    return None


def _stated_name(disposition: str) -> str | None:
    """The name in a Content-Disposition, whose bytes servers write in any encoding."""
    star = _STAR.search(disposition)
    if star:
        try:
            return unquote(star.group(2), encoding=star.group(1) or "utf-8", errors="replace")
        except LookupError:
            return unquote(star.group(2))
    plain = _PLAIN.search(disposition)
    if plain is None:
        return None
    raw = (plain.group(1) or plain.group(2) or "").strip().encode("latin-1")
    for encoding in ("utf-8", "gb18030"):
        try:
            return unquote(raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    return None
