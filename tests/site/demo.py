"""``make crawl``: the sample portals crawled twice into an archive of their own, with the result.

`python -m tests.site.demo [FOLDER]`; the folder is emptied first.

A local server plays three portals; between the two crawls some articles are edited, one moves and
one is deleted. Nothing leaves this machine.
"""

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from storage import SHANGHAI, Archive
from tests.site.server import SampleSite

ROOT = Path(__file__).parents[2]
FOLDER = Path(sys.argv[1]).resolve() if sys.argv[1:] else ROOT / "archive" / "samples"
PORTALS = ("samples_gov", "samples_paper", "samples_juhe")
COLUMNS = ("listed", "new", "changed", "unchanged", "suspect", "missing", "failed")
ARTICLES = 60


def main() -> int:
    """Run the demonstration; the exit status of the worst crawl."""
    console = Console(soft_wrap=True)
    shutil.rmtree(FOLDER, ignore_errors=True)  # the samples start anew each time
    with SampleSite(articles=ARTICLES) as site:
        console.print(f"sample portals: {', '.join(sorted(site.hosts))} on 127.0.0.1:{site.port}\n")
        worst = crawl_all(site)
        show_counts(console, "first crawl")
        edited = change_some(site)
        worst = max(worst, crawl_all(site))
        show_counts(console, "second crawl, after edits")
    subprocess.run(
        [sys.executable, "-m", "storage.cli", "--archive", str(FOLDER / "archive.db"), "versions",
         edited],
        cwd=ROOT, check=True,
    )  # fmt: skip
    console.print(
        f"\narchive {FOLDER / 'archive.db'}\nWARC    {FOLDER / 'warc'}\n"
        f"log     {FOLDER / 'crawl.log'}\n\nGo on with:\n"
        f"  {console_command('jiedu')} --archive {FOLDER / 'archive.db'} show {edited}"
    )
    return worst


def crawl_all(site: SampleSite) -> int:
    """Crawl every sample portal as an operator would; the worst exit status."""
    environment = os.environ | {
        "SCRAPY_PROJECT": "samples",
        "JIEDU_HOST_MAP": json.dumps(site.host_map),
        "ARCHIVE_URL": f"sqlite:///{FOLDER / 'archive.db'}",
        "ARCHIVE_WARC": str(FOLDER / "warc"),
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    return max(
        subprocess.run(
            [sys.executable, "-m", "scrapy", "crawl", portal, "--logfile",
             str(FOLDER / "crawl.log")],
            cwd=ROOT, env=environment, check=False, stdout=subprocess.PIPE,
        ).returncode
        for portal in PORTALS
    )  # fmt: skip


def change_some(site: SampleSite) -> str:
    """Edit an article of each portal, move, delete and reprint one; an edited address."""
    edited = []
    for host in sorted(site.hosts):
        first, second, third, *_ = site.articles(host)
        site.edit(first)
        edited.append(first)
        if host.startswith("zcjd"):
            site.move(second)
            site.delete(third)
    at = dt.datetime(2026, 6, 25, 9, tzinfo=SHANGHAI)
    printed = site.articles("paper.samples.example")[-1]
    site.publish("juhe.samples.example", at, reprints=printed)
    return edited[-1]


def show_counts(console: Console, title: str) -> None:
    """Print the last crawl of each portal as the archive recorded it."""
    table = Table("portal", *COLUMNS, title=title, title_justify="left", box=None)
    with Archive.open(FOLDER / "archive.db") as archive:
        last = {crawl.portal: crawl for crawl in archive.crawls()}
        for portal in PORTALS:
            counts = last[portal].counts
            table.add_row(portal, *(str(counts.get(column, 0)) for column in COLUMNS))
        console.print(table)
        for portal in PORTALS:
            for problem in last[portal].counts.get("problems", ()):
                console.print(f"  look: {problem}", markup=False)


def console_command(name: str) -> str:
    """How to call an installed program of this environment from the project's folder."""
    path = Path(sys.executable).parent / name
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else name


if __name__ == "__main__":
    sys.exit(main())
