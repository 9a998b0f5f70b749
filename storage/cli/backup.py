"""`jiedu backup` and `jiedu restore`: a copy to fall back on, and falling back on it."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from storage import backup as backups
from storage.archive import Archive
from storage.backup.making import Made
from storage.backup.restoring import read_backup
from storage.check import check
from storage.cli.check import print_report, progress_line
from storage.record import SHANGHAI

AsJson = Annotated[bool, typer.Option("--json", help="print one JSON object")]


def backup(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="new, empty, or holding an earlier backup")],
    verify: Annotated[
        bool, typer.Option("--verify", help="check every byte of the copy as `jiedu check` does")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Copy the archive into FOLDER, while a crawl may run.

    The copy is an archive itself, a SQLite one even when the archive is on PostgreSQL:
    `jiedu --archive FOLDER/archive.db ...` opens it. A second backup into the same FOLDER copies
    only what is new, and leaves the first one whole should it not come to its end.
    FOLDER/backup.json lists what is in it. The exit status is 1 when something of the archive
    could not be copied.
    """
    with context.obj.open() as archive, progress_line() as progress:
        made = backups.backup(archive, folder, progress)
    is_sound = not made.problems
    if as_json:
        manifest = asdict(made.manifest)
        manifest["files"] = len(made.manifest.files)
        said = manifest | {
            "folder": str(folder),
            "copied_files": made.copied_files,
            "copied_bytes": made.copied_bytes,
            "problems": list(made.problems),
        }
        print(json.dumps(said, ensure_ascii=False, indent=1, default=str))
    else:
        _print(made, folder)
    if verify:
        with Archive.open(folder / "archive.db") as copy, progress_line() as progress:
            report = check(copy, progress)
        is_sound = is_sound and report.is_sound
        if not as_json:
            print_report(report, [], 20)
    if not is_sound:
        raise typer.Exit(1)


def restore(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="folder of a backup")],
    as_json: AsJson = False,
) -> None:
    """Fill a new archive from the backup in FOLDER.

    --archive (ARCHIVE_URL) and --warc (ARCHIVE_WARC) name the archive to fill, SQLite or
    PostgreSQL; it must not exist, or be empty. The backup stays as it is.
    """
    read_backup(folder)  # before an archive is created for nothing
    with context.obj.open(create=True) as archive, progress_line() as progress:
        manifest = backups.restore(folder.resolve(), archive, progress)
        name = archive.address
    if as_json:
        said = {"archive": name, "counts": manifest.counts, "files": len(manifest.files)}
        print(json.dumps(said, ensure_ascii=False, indent=1))
    else:
        rows = manifest.counts
        typer.echo(
            f"{name} is restored: {rows['articles']} articles, {rows['captures']} captures,"
            f" {len(manifest.files)} WARC files"
        )


def _print(made: Made, folder: Path) -> None:
    rows, manifest = made.manifest.counts, made.manifest
    assert manifest.made_at is not None
    moment = manifest.made_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    for problem in made.problems:
        typer.echo(f"problem: {problem}")
    typer.echo(
        f"{folder} holds the archive as of {moment}:"
        f" {rows['articles']} articles, {rows['captures']} captures,"
        f" {len(manifest.files)} WARC files"
    )
    typer.echo(f"copied now: {made.copied_files} files, {made.copied_bytes / 1e6:,.1f} MB")
    if made.problems:
        typer.echo("run `jiedu check` on the archive: what it lacks, its backup lacks too")
