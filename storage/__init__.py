"""The public door of the archive: open it, read it, search it; no scrapy needed."""

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
    Article,
    Attachment,
    Block,
    Capture,
    Image,
    Link,
    Origin,
    place_blocks,
)

__all__ = [
    "SHANGHAI",
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
    "Origin",
    "QueryError",
    "ReaderMismatch",
    "SchemaOutOfDate",
    "VersionNotFound",
    "canonical_url",
    "content_digest",
    "place_blocks",
    "url_key",
]
