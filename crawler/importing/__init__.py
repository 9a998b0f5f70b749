"""Bring pages that others fetched into the archive: WARC files and pages saved by hand."""

from crawler.importing.found import Found, ImportFailed
from crawler.importing.importer import Importer, ImportReport
from crawler.importing.saved_pages import find_saved_pages
from crawler.importing.warc_files import find_records

__all__ = [
    "Found",
    "ImportFailed",
    "ImportReport",
    "Importer",
    "find_records",
    "find_saved_pages",
]
