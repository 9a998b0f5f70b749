"""Crawl the sample portals from a test: as an operator does, or one visit at a time."""

import datetime as dt
import http.client
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from crawler.page import read_capture
from crawler.portal import Portal
from storage import Added, Archive, Capture
from tests.commands import Command
from tests.site.server import SampleSite


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawled:
    """What a crawl's process said."""

    status: int
    output: str
    errors: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Runs `scrapy` on the sample portals with an archive of its own."""

    site: SampleSite
    archive_url: str
    folder: Path
    timeout_seconds: float = 120  # of one command

    def scrapy(self, *arguments: str, **environment: str) -> Crawled:
        """One command, its log in the test's folder."""
        return self._run("scrapy", arguments, environment)

    def jiedu(self, *arguments: str) -> Crawled:
        """A researcher's command on the operator's archive."""
        return self._run("storage.cli", arguments, {"COLUMNS": "200"})

    def environment(self) -> dict[str, str]:
        """What a command finds in its environment."""
        return os.environ | {
            "SCRAPY_PROJECT": "samples",
            "JIEDU_HOST_MAP": json.dumps(self.site.host_map),
            "ARCHIVE_URL": self.archive_url,
            "ARCHIVE_WARC": str(self.folder / "warc"),
            "ARCHIVE_CONTACT": "webmaster@samples.example",
            "ARCHIVE_QUIET_HOURS": "",
        }

    def _run(self, module: str, arguments: tuple[str, ...], environment: dict[str, str]) -> Crawled:
        return run(module, arguments, self.environment() | environment, self.timeout_seconds)

    def crawl(self, portal: str, *arguments: str) -> Crawled:
        """`scrapy crawl PORTAL`."""
        log = str(self.folder / "crawl.log")
        return self.scrapy("crawl", portal, "--logfile", log, *arguments)

    def archive(self) -> Archive:
        """The archive as a reader opens it."""
        return Archive.open(self.archive_url, warc=self.folder / "warc")


def run(
    module: str, arguments: tuple[str, ...], environment: Mapping[str, str], timeout: float = 120
) -> Crawled:
    """One command, to its end."""
    command = Command(module, arguments, environment)
    output, errors = command.communicate(timeout)
    assert command.returncode is not None
    return Crawled(status=command.returncode, output=output, errors=errors)


def fetch(site: SampleSite, url: str, *, is_gzip: bool = False, **headers: str) -> Capture:
    """One plain request for a sample page, without Scrapy."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    sent = {"Host": parts.netloc, **headers}
    if is_gzip:
        sent["Accept-Encoding"] = "gzip"
    try:
        connection.request("GET", parts.path, headers=sent)
        response = connection.getresponse()
        body = response.read()
        return Capture(
            url=url,
            status=response.status,
            headers=tuple(response.getheaders()),
            request_headers=tuple(sent.items()),
            body=body,
            captured_at=dt.datetime.now(dt.UTC),
        )
    finally:
        connection.close()


def visit(archive: Archive, site: SampleSite, url: str, portal: Portal | None) -> Added:
    """Fetch, read and archive one page."""
    capture = fetch(site, url)
    return archive.add([capture], read_capture(capture, portal))
