"""An archive from a backup, on either kind of database.

Called by ``jiedu restore``. WARC files come first: a row never stands without its bytes.
"""

from pathlib import Path

from storage.address import parse_url
from storage.archive import Archive
from storage.backup.files import copy_whole, file_digest
from storage.backup.manifest import DATABASE, WARC, Manifest, read_manifest, sync_folder
from storage.backup.tables import copy_tables, count_rows
from storage.check.finding import Progress
from storage.errors import ArchiveUnusable
from storage.opening import connect
from storage.transaction import snapshot, write


def read_backup(folder: Path) -> Manifest:
    """The manifest of a complete backup, or ``ArchiveUnusable``."""
    manifest = read_manifest(folder)
    if manifest is None:
        raise ArchiveUnusable(f"there is no backup in {folder}")
    if manifest.made_at is None or not (folder / DATABASE).is_file():
        raise ArchiveUnusable(f"the backup in {folder} was never finished; run it again")
    return manifest


def restore(
    folder: Path, archive: Archive, progress: Progress = lambda what, done, total: None
) -> Manifest:
    """Fill an empty archive from a backup; the backup's manifest is returned.

    Files that an interrupted restore left are taken as they are when they are the backup's. Raises
    ``ArchiveUnusable`` when the archive is not empty, or a file is not what the backup says.
    """
    manifest = read_backup(folder)
    with snapshot(archive.engine) as connection:
        if any(count_rows(connection).values()):
            raise ArchiveUnusable(f"{archive.address} is not empty; restore into a new archive")
    warc = archive.prepare_warc()
    if warc == (folder / WARC).resolve():
        raise ArchiveUnusable(f"{warc} belongs to the backup; name another folder with --warc")
    strangers = {path.name for path in warc.iterdir()} - {entry.name for entry in manifest.files}
    strangers = {name for name in strangers if not name.endswith(".part")}
    if strangers:
        raise ArchiveUnusable(
            f"{warc} is not empty ({min(strangers)}); name another folder with --warc"
        )
    source = connect(parse_url(folder / DATABASE), create=False)
    try:
        _restore_files(folder / WARC, warc, manifest, progress)
        with snapshot(source) as rows:
            write(
                archive.engine,
                lambda c: copy_tables(rows, c, lambda name: progress(f"table {name}", 0, 0)),
            )
    except OSError as error:
        raise ArchiveUnusable(
            f"cannot restore into {warc}: {error.strerror}; mend this and run it again"
        ) from error
    finally:
        source.dispose()
    return manifest


def _restore_files(source: Path, warc: Path, manifest: Manifest, progress: Progress) -> None:
    for number, entry in enumerate(manifest.files, 1):
        target = warc / entry.name
        if target.exists():
            is_same = target.stat().st_size == entry.size
            if not is_same or file_digest(target, entry.size) != entry.sha256:
                raise ArchiveUnusable(f"{target} is in the way; name another folder with --warc")
        elif file_digest(source / entry.name, entry.size) != entry.sha256:
            raise ArchiveUnusable(
                f"{source / entry.name} is not as it was backed up; back up again, or restore"
                " from another copy"
            )
        else:
            copy_whole(source / entry.name, target, entry.size)
        progress("WARC files", number, len(manifest.files))
    sync_folder(warc)
