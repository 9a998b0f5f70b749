"""The public door of the archive: open it, read it, search it; no scrapy needed."""

from storage.archive import Archive
from storage.digest import content_digest
from storage.errors import (
    ArchiveError,
    ArchiveNotFound,
    ArchiveUnusable,
    ArticleNotFound,
    CaptureNotFound,
    CaptureUnreadable,
    QueryError,
    ReaderMismatch,
    SchemaOutOfDate,
    VersionNotFound,
)
from storage.identity import canonical_url, url_key
from storage.record import (
    SHANGHAI,
    Added,
    Article,
    Attachment,
    Block,
    Capture,
    Image,
    Link,
    Listed,
    Origin,
    StoredArticle,
    StoredCapture,
    Version,
    place_blocks,
)

__all__ = [
    "SHANGHAI",
    "Added",
    "Archive",
    "ArchiveError",
    "ArchiveNotFound",
    "ArchiveUnusable",
    "Article",
    "ArticleNotFound",
    "Attachment",
    "Block",
    "Capture",
    "CaptureNotFound",
    "CaptureUnreadable",
    "Image",
    "Link",
    "Listed",
    "Origin",
    "QueryError",
    "ReaderMismatch",
    "SchemaOutOfDate",
    "StoredArticle",
    "StoredCapture",
    "Version",
    "VersionNotFound",
    "canonical_url",
    "content_digest",
    "place_blocks",
    "url_key",
]
