"""What a probe saw of a portal, in memory and as a folder of pages.

Filled by ``crawler.probe.spider``; judged by ``crawler.probe.checks``; the folder is read by
``scrapy savepage``, so that a page need not be fetched again.
"""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from crawler.discovery import ListingPage
from crawler.portal import Listing, Portal
from storage import Article, Listed, clock, url_key

MANIFEST = "seen.json"


@dataclass(slots=True, kw_only=True)
class SeenPage:
    """One answer, or the ``error`` for which there is none.

    ``asked`` is the address asked for, ``url`` the one that answered after redirects.
    """

    kind: Literal["robots", "listing", "article"]
    asked: str
    url: str
    status: int | None = None
    content_type: str | None = None
    body: bytes = b""
    seen_at: dt.datetime | None = None
    error: str | None = None
    refusal: str | None = None
    listing: Listing | None = None
    page: ListingPage | None = None
    listed: Listed | None = None
    article: Article | None = None


@dataclass(slots=True)
class Seen:
    """Everything one probe saw of one portal; ``is_real`` is false once this machine answered."""

    portal: Portal
    pages: list[SeenPage] = field(default_factory=list)
    delays: dict[str, float] = field(default_factory=dict)  # by host, as robots.txt asks
    is_real: bool = True

    def of_kind(self, kind: str) -> list[SeenPage]:
        """The pages of one kind in the order they came."""
        return [page for page in self.pages if page.kind == kind]

    def write(self, folder: Path) -> Path:
        """Write every body and what it is; the new folder below ``folder``."""
        now = clock.now()
        target = folder / self.portal.name.replace(":", "_") / f"{now:%Y%m%dT%H%M%SZ}"
        target.mkdir(parents=True, exist_ok=True)
        entries = []
        for number, page in enumerate(self.pages, 1):
            name = f"{page.kind}-{number}{_suffix(page)}" if page.body else None
            if name:
                (target / name).write_bytes(page.body)
            entries.append(
                {
                    "file": name,
                    "kind": page.kind,
                    "portal": self.portal.name,
                    "asked": page.asked,
                    "url": page.url,
                    "status": page.status,
                    "content_type": page.content_type,
                    "seen_at": page.seen_at and page.seen_at.isoformat(),
                    "error": page.error or page.refusal,
                }
            )
        text = json.dumps(entries, ensure_ascii=False, indent=2)
        (target / MANIFEST).write_text(text + "\n", "utf-8")
        return target


def find_seen(folder: Path, url: str) -> tuple[dict[str, Any], bytes] | None:
    """The newest page that a probe saw at ``url``, with its entry; ``None`` if none did."""
    key = url_key(url)
    for entry, path in _entries(folder):
        is_there = entry["file"] and entry["status"] == 200 and not entry["error"]
        if is_there and key in (url_key(entry["url"]), url_key(entry["asked"])):
            return entry, (path / entry["file"]).read_bytes()
    return None


def _entries(folder: Path) -> Iterator[tuple[dict[str, Any], Path]]:
    """Entries of all probes below ``folder``, the newest probe first."""
    manifests = sorted(folder.glob(f"*/*/{MANIFEST}"), key=lambda p: p.parent.name, reverse=True)
    for manifest in manifests:
        for entry in json.loads(manifest.read_text("utf-8")):
            yield entry, manifest.parent


def _suffix(page: SeenPage) -> str:
    if page.kind == "robots":
        return ".txt"
    return ".json" if page.body.lstrip()[:1] in (b"{", b"[") else ".html"
