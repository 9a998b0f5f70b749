"""The archive's vocabulary: frozen records that travel from a fetched page to a stored version.

Written by ``crawler.extract`` (Article) and ``crawler.middlewares`` (Capture); stored and given
back unchanged by ``storage.archive``. No SQL here; policy entities are in ``storage.entities``.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from storage.entities import NO_ENTITIES, PolicyEntities
from storage.interpretation import InterpretationType, interpretation_type

BlockKind = Literal["heading", "paragraph", "list_item", "table", "quote", "caption"]
Precision = Literal["day", "minute", "second"]
MediaKind = Literal["text", "图解", "video"]
CaptureKind = Literal["article", "listing", "attachment", "image"]
PublishedBasis = Literal["origin", "meta", "visible", "url"]

SHANGHAI = dt.timezone(dt.timedelta(hours=8), "Asia/Shanghai")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of the main content, in page order.

    ``start`` and ``end`` are half-open character offsets into ``Article.text``; both are ``None``
    for a caption, which has no part in the text. A table's text is one row a line with the cells
    joined by TAB. ``level`` is the heading level 1-6, ``None`` for other kinds and for headings
    the page does not mark up.
    """

    kind: BlockKind
    text: str
    start: int | None = None
    end: int | None = None
    level: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A hyperlink inside the main content; ``url`` is absolute."""

    url: str
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image inside the main content; ``url`` is absolute, ``caption`` is the visible one."""

    url: str
    alt: str | None = None
    caption: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file the article links to (pdf, doc, xls, wps, ofd, ...); ``name`` as the page shows it."""

    url: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The print or wire original that the page names: medium, date and page (版).

    ``raw`` is the line as it stands on the page, e.g. ``《 人民日报 》( 2024年06月04日 02 版)``.
    """

    medium: str
    date: dt.date | None = None
    page: str | None = None
    raw: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What one reader read from one article page (or from all pages of a multi-page article).

    ``None`` means the page does not say; an empty string is never stored. ``reader`` names the
    extractor release and the rules that read the page: digests are compared only between equal
    readers. ``posted_at`` is this portal's stated time, ``published_at`` the original's; both are
    aware datetimes in Asia/Shanghai whose time part means nothing at precision ``day``.
    """

    url: str
    reader: str
    layout: str = "generic"
    portal: str | None = None
    channel: str | None = None
    title: str | None = None
    title_main: str | None = None
    column_tag: str | None = None
    kicker: str | None = None
    subtitle: str | None = None
    byline: str | None = None
    byline_role: str | None = None
    authors: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    source: str | None = None
    source_url: str | None = None
    origin: Origin | None = None
    uploader: str | None = None
    posted_at: dt.datetime | None = None
    posted_precision: Precision | None = None
    published_at: dt.datetime | None = None
    published_precision: Precision | None = None
    published_basis: PublishedBasis | None = None
    blocks: tuple[Block, ...] = ()
    links: tuple[Link, ...] = ()
    images: tuple[Image, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    media_kind: MediaKind = "text"
    page_count: int = 1
    next_page: str | None = None  # address of the page that continues this one, for the spider
    encoding: str | None = None
    decode_errors: int = 0
    policy: PolicyEntities = NO_ENTITIES

    @property
    def text(self) -> str:
        """All blocks but captions in page order, joined by newlines: what offsets point into."""
        return "\n".join(block.text for block in self.blocks if block.kind != "caption")

    @property
    def interpretation_type(self) -> InterpretationType | None:
        """Official, expert, media, 图解, 答记者问, 发布会; ``None`` when nothing states one."""
        return interpretation_type(
            title=self.title,
            column_tag=self.column_tag,
            channel=self.channel,
            url=self.url,
            is_graphic=self.media_kind == "图解",
            is_print=self.origin is not None,
        )

    @property
    def posted_date(self) -> dt.date | None:
        """Calendar date of ``posted_at`` in Asia/Shanghai."""
        return calendar_date(self.posted_at)

    @property
    def published_date(self) -> dt.date | None:
        """Calendar date of ``published_at`` in Asia/Shanghai."""
        return calendar_date(self.published_at)


def calendar_date(moment: dt.datetime | None) -> dt.date | None:
    """The date a clock in Shanghai shows at ``moment``."""
    return moment.astimezone(SHANGHAI).date() if moment else None


def place_blocks(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The same blocks with ``start`` and ``end`` set to their offsets in the joined text."""
    placed, offset = [], 0
    for block in blocks:
        start: int | None
        end: int | None
        if block.kind == "caption":
            start = end = None
        else:
            start, end = offset, offset + len(block.text)
            offset = end + 1
        placed.append(
            Block(kind=block.kind, text=block.text, start=start, end=end, level=block.level)
        )
    return tuple(placed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One fetched response as bytes, with what WARC needs to say about it.

    ``body`` is the wire body: transfer-decoded (de-chunked) but still content-encoded, so a
    gzip response stays gzip here. ``headers`` and ``request_headers`` keep order, case and
    repetition. ``page`` is the page number within a multi-page article, ``None`` for a redirect
    hop. ``truncated`` is a WARC-Truncated reason when the server sent less than it announced.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    captured_at: dt.datetime
    request_headers: tuple[tuple[str, str], ...] = ()
    method: str = "GET"
    kind: CaptureKind = "article"
    portal: str | None = None
    page: int | None = 1
    truncated: Literal["length", "time", "disconnect"] | None = None
    ip_address: str | None = None
    revisits: int | None = None  # id of the capture whose validators the request carried (304)
    filename: str | None = None  # of an attachment or image


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCapture:
    """A capture's row: where its bytes stand and what became of it; see ``Archive.read_capture``.

    ``body_digest`` is the SHA-256 (hex) of the decoded body: of the file, for an attachment.
    ``visit`` is shared by the redirect hops and pages fetched together; ``digest`` is the content
    digest read on that visit. ``version_id`` is ``None`` when it showed no known version.
    ``erased`` are those whose bytes went with a withdrawal.
    """

    id: int
    visit: str
    article_id: int | None
    version_id: int | None
    kind: CaptureKind
    portal: str | None
    page: int | None
    url: str
    status: int
    captured_at: dt.datetime
    record_type: Literal["response", "revisit", "erased"]
    warc_file: str
    warc_offset: int
    warc_length: int
    payload_digest: str
    body_digest: str | None
    etag: str | None
    last_modified: str | None
    size_bytes: int
    filename: str | None
    digest: str | None
    reader: str | None
    layout: str | None
    is_suspect: bool
    failure: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArticle:
    """An article's identity in the archive; since ``withdrawn_at`` its text is withheld."""

    id: int
    portal: str | None
    url: str
    aliases: tuple[str, ...]
    first_seen_at: dt.datetime
    gone_at: dt.datetime | None
    checked_at: dt.datetime | None = None  # when its page was last seen to be there
    recheck_at: dt.datetime | None = None
    withdrawn_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """One line of the audit list: who withdrew, erased or restored an article, when and why.

    ``finished_at`` is ``None`` while an erasure that was begun has still to be finished.
    """

    id: int
    article_id: int
    url: str
    act: Literal["withdraw", "erase", "restore"]
    reason: str
    acted_by: str
    acted_at: dt.datetime
    finished_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A distinct content of an article; ``article`` is its current reading.

    ``readers`` names every reader that has read it, oldest first. ``visits`` counts the visits that
    showed it, ``captures`` their pages; redirect hops are no part of either.
    """

    id: int
    article_id: int
    number: int
    digest: str
    captured_at: dt.datetime
    recorded_at: dt.datetime
    readers: tuple[str, ...]
    visits: int
    captures: int
    article: Article


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentReading:
    """By whom an article's latest version was read last; no text."""

    version_id: int
    number: int
    portal: str | None
    layout: str
    reader: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a conditional request for a known article may carry, and which capture it came from."""

    capture_id: int
    version_id: int | None  # None for a file, which has no versions
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A link to an article as its listing shows it; ``day`` is the calendar day of ``date``."""

    url: str
    title: str | None = None
    date: str | None = None
    channel: str | None = None
    day: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingVisit:
    """One page of a listing as it was read.

    ``listing_url`` names the listing (its address with ``{page}`` where it is paged), ``page``
    counts from 0, ``claimed`` is how many items the listing says it has.
    """

    listing_url: str
    page_url: str
    page: int = 0
    channel: str | None = None
    claimed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingState:
    """When a listing is due; ``is_partial`` when its last reading ended before its end."""

    listing_url: str
    channel: str | None
    read_at: dt.datetime
    due_at: dt.datetime | None
    is_partial: bool


LedgerState = Literal["pending", "failed", "given_up", "left_out", "done"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """A URL found on a listing and what became of it.

    ``pending``: not asked for yet; ``failed``: asked for in vain, to be asked again at
    ``next_try_at``; ``given_up``: failed too often; ``left_out`` by a selection; ``done``:
    archived. ``tries`` counts the failures in a row.
    """

    portal: str
    url: str
    state: LedgerState
    listed: Listed
    listing_url: str
    first_seen_at: dt.datetime
    listed_at: dt.datetime
    tries: int
    tried_at: dt.datetime | None
    next_try_at: dt.datetime | None
    last_status: int | None
    failure: str | None
    done_at: dt.datetime | None
    article_id: int | None


AbsenceKind = Literal["HTTP 404", "HTTP 410", "home page", "error page", "emptied"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A time in which an article's page was not there.

    Seen last at ``seen_at``, first missed at ``missed_at``, by a second visit ``confirmed_at``,
    back at ``ended_at``.
    """

    article_id: int
    url: str
    portal: str | None
    kind: AbsenceKind
    seen_at: dt.datetime | None
    missed_at: dt.datetime
    confirmed_at: dt.datetime | None
    ended_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Which process works on a portal."""

    portal: str
    node: str
    process: int
    taken_at: dt.datetime
    renewed_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What of a portal is due and not done: how many, and how late the latest is, in days."""

    urls: int = 0
    confirmations: int = 0
    rechecks: int = 0
    days: float = 0.0

    @property
    def total(self) -> int:
        """All that is due."""
        return self.urls + self.confirmations + self.rechecks


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of listed items: ``waiting`` to be fetched, ``left_out`` by a selection."""

    seen: int = 0
    archived: int = 0
    failed: int = 0
    waiting: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of a listing is archived; without ``listing_url``, of all listings of the portal.

    ``claimed`` is what the listing said when it was last read, ``None`` when it does not say.
    ``months`` holds a tally a month (``2024-06``) of the listed date, or of the archived article's
    ``posted_date``; ``None`` for items of neither.
    """

    portal: str
    listing_url: str | None = None
    channel: str | None = None
    claimed: int | None = None
    pages_read: int | None = None
    read_at: dt.datetime | None = None
    total: Tally
    months: tuple[tuple[str | None, Tally], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What became of one visit.

    ``new``: the article's first version; ``changed``: another one; ``unchanged``: the latest
    version again; ``older``: captured before the latest version; ``suspect``: kept until a second
    visit agrees; ``missing``: the page was not there; ``gone``: a second visit missed it too;
    ``failed``: kept with its reason; ``kept``: a listing or attachment; ``withdrawn``: not kept,
    for the article there is withdrawn. ``version`` is the number of the version the visit showed;
    ``is_return`` says that a gone article is back.
    """

    state: Literal[
        "new",
        "changed",
        "unchanged",
        "older",
        "suspect",
        "missing",
        "gone",
        "failed",
        "kept",
        "withdrawn",
    ]
    article_id: int | None
    version: int | None
    capture_ids: tuple[int, ...]
    is_new_reading: bool = False
    is_return: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """One run that wrote to the archive, with its counts as its report printed them."""

    id: int
    command: str
    portal: str | None
    release: str
    started_at: dt.datetime
    finished_at: dt.datetime | None
    outcome: str | None
    counts: dict[str, Any]
    update_id: int | None = None  # the `scrapy update` it was part of


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Whether a portal's rules fit its pages, check by check.

    ``checks`` are mappings with ``name``, ``verdict`` (fits, note, drifted), ``found`` and
    ``advice``. ``is_real`` is false when the pages came from this machine. ``folder`` holds the
    pages that were seen.
    """

    portal: str
    probed_at: dt.datetime
    is_passed: bool
    is_real: bool
    checks: tuple[dict[str, str], ...] = ()
    folder: str | None = None
