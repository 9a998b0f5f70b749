"""Copies of an archive: made while a crawl runs, each an archive itself, and restored from."""

from storage.backup.making import Made, backup
from storage.backup.manifest import FileEntry, Manifest
from storage.backup.restoring import restore

__all__ = ["FileEntry", "Made", "Manifest", "backup", "restore"]
