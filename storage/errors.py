"""Every error the archive raises; messages say what, where and what to do.

::

    ArchiveError
    ├── ArchiveNotFound      no archive at this address (create it with a crawl or `jiedu migrate`)
    ├── ArchiveUnusable      the address is malformed, the folder unwritable, the server gone
    ├── SchemaOutOfDate      the archive is older or newer than this release
    ├── ArticleNotFound      no article at this URL or number
    ├── ArticleWithdrawn     the article's text was withdrawn: a tombstone is left
    ├── VersionNotFound      the article has no such version
    ├── CaptureNotFound      no capture of this number
    ├── CaptureUnreadable    the WARC file is missing or damaged at this offset
    ├── DatasetUnusable      an export's folder: not there, not empty, or no dataset of this archive
    ├── DocumentNotFound     no policy document of this title, number or row
    ├── ReaderMismatch       the latest version was read by another reader: re-read it first
    └── QueryError           a search that cannot be understood
"""


class ArchiveError(Exception):
    """Base of all archive errors; its text is meant for the person at the terminal."""


class ArchiveNotFound(ArchiveError):
    """There is no archive at the given address."""


class ArchiveUnusable(ArchiveError):
    """The address cannot be understood, or the place it names cannot be used."""


class SchemaOutOfDate(ArchiveError):
    """The archive's schema is not this release's."""


class ArticleNotFound(ArchiveError):
    """No article is known under the given URL or number."""


class ArticleWithdrawn(ArchiveError):
    """The text of the article was withdrawn; the message is its tombstone."""


class VersionNotFound(ArchiveError):
    """The article has no version of the given number."""


class CaptureNotFound(ArchiveError):
    """No capture has the given number."""


class CaptureUnreadable(ArchiveError):
    """The stored bytes of a capture are missing or damaged."""


class DatasetUnusable(ArchiveError):
    """The folder of an export cannot be written, or what is in it is no dataset."""


class DocumentNotFound(ArchiveError):
    """No archived article names the policy document."""


class ReaderMismatch(ArchiveError):
    """The latest version has no reading by the reader of the article to be added."""


class QueryError(ArchiveError):
    """A search that cannot be understood."""
