"""A whole check of an archive, from the database's pages to the bytes in the WARC files.

Called by ``jiedu check`` and by backups; a crawl may run meanwhile.
"""

from storage.archive import Archive
from storage.check.articles import check_articles
from storage.check.database import check_database
from storage.check.finding import Progress, Report
from storage.check.index import check_index
from storage.check.running import Running
from storage.check.upkeep import check_upkeep
from storage.check.warc_files import check_captures
from storage.errors import ArchiveUnusable
from storage.transaction import snapshot


def check(archive: Archive, progress: Progress = lambda what, done, total: None) -> Report:
    """All that is wrong with an archive, as it stands at one moment.

    Raises ``ArchiveUnusable`` when the database cannot be read at all, or the folder of the WARC
    files was not named.
    """
    report = Report()
    folder = archive.warc_folder
    if folder is None:
        raise ArchiveUnusable(f"{archive.address} needs the folder of its WARC files: set --warc")
    with snapshot(archive.engine) as connection:
        progress("database", 0, 0)
        check_database(connection, report)
        running = Running(connection)
        check_upkeep(connection, running, report)
        check_articles(connection, report, progress)
        check_index(connection, report, progress)
        check_captures(connection, folder, running, report, progress)
    return report
