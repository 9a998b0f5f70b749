"""``python -m tests.probing``: probe all shipped portals, served from ``tests/pages``.

Prints every check that drifted; the exit status is 1 when there is one.
"""

import sys
import tempfile
from pathlib import Path

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings

from benchmarks.portals import TODAY, PageServer
from crawler.discovery import newspaper
from crawler.probe import ProbeSpider, Seen, check_portal
from tests.portal_pages import portal_pages, shipped_portals

HANDLER = "tests.site.hostmap.HostMapDownloadHandler"


def main() -> int:
    newspaper.today = lambda: TODAY
    server = PageServer(list(portal_pages()))
    seen = [Seen(portal) for portal in shipped_portals().values()]
    with tempfile.TemporaryDirectory() as folder:
        settings = get_project_settings()
        settings.setdict(
            {
                "ARCHIVE_URL": f"sqlite:///{Path(folder) / 'archive.db'}",
                "ARCHIVE_WARC": str(Path(folder) / "warc"),
                "DOWNLOAD_HANDLERS": {"http": HANDLER, "https": HANDLER},
                "HOST_MAP": server.host_map,
                "DOWNLOAD_DELAY": 0.001,
                "AUTOTHROTTLE_ENABLED": False,
                "LOG_LEVEL": "ERROR",
            },
            priority="cmdline",
        )
        process = AsyncCrawlerProcess(settings)
        for portal in seen:
            process.crawl(ProbeSpider, seen=portal)
        process.start()
    server.stop()
    drifted = [
        f"{portal.portal.name}: {check.name}: {check.found}"
        for portal in seen
        for check in check_portal(portal)
        if check.verdict == "drifted"
    ]
    print("\n".join(drifted), end="")
    return 1 if drifted or any(portal.is_real for portal in seen) else 0


if __name__ == "__main__":
    sys.exit(main())
