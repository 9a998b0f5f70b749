"""The sample crawl's download handler: mapped hosts are fetched here, all others refused."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.site.hostmap import read_host_map
from tests.site.server import SampleSite

ROOT = Path(__file__).parents[1]
SPIDER = """
import json, os
from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess

class Visitor(Spider):
    name = "visitor"

    async def start(self):
        for url in json.loads(os.environ["URLS"]):
            yield Request(url, headers={"X-Note": "as sent"}, errback=self.failed)

    def parse(self, response):
        items = response.request.headers.items()
        sent = {name.decode(): values[0].decode() for name, values in items}
        print(json.dumps([response.url, response.request.url, response.status, sent]))

    def failed(self, failure):
        print(json.dumps([failure.request.url, type(failure.value).__name__, str(failure.value)]))

handler = "tests.site.hostmap.HostMapDownloadHandler"
process = CrawlerProcess({
    "DOWNLOAD_HANDLERS": {"http": handler, "https": handler},
    "HOST_MAP": os.environ["JIEDU_HOST_MAP"],
    "LOG_ENABLED": False,
    "RETRY_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
})
process.crawl(Visitor)
process.start()
"""


def visit(host_map: dict[str, str], *urls: str) -> dict[str, list[object]]:
    """What Scrapy made of each address."""
    done = subprocess.run(
        [sys.executable, "-c", SPIDER],
        cwd=ROOT,
        env={
            "JIEDU_HOST_MAP": json.dumps(host_map),
            "URLS": json.dumps(urls),
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    assert len(lines) == len(urls), done.stderr
    return {line[0]: line[1:] for line in lines}


def test_http_and_https_go_to_the_local_port_under_their_own_address() -> None:
    with SampleSite(articles=6) as site:
        urls = [site.listings(host)[0] for host in site.hosts]
        assert {url.partition(":")[0] for url in urls} == {"http", "https"}
        seen = visit(site.host_map, *urls)
        for url in urls:
            address, status, sent = seen[url]
            assert (address, status) == (url, 200)
            assert isinstance(sent, dict)
            assert "Host" not in sent  # the handler adds nothing to the request
            (request,) = site.requests_for(url)
            assert {name: request.headers[name] for name in sent} == sent
            assert request.headers["Host"] == url.split("/")[2]


def test_other_hosts_are_refused_with_the_reason() -> None:
    with SampleSite(articles=3) as site:
        refused = ["http://elsewhere.example/", f"https://127.0.0.1:{site.port}/"]
        for url, (error, message) in visit(site.host_map, *refused).items():
            assert error == "HostNotMapped"
            assert url in str(message)
            assert "zcjd.samples.example" in str(message)
        assert site.requests == []


def test_only_loopback_addresses_can_be_mapped() -> None:
    assert read_host_map({"A.example": "127.0.0.1:80"}) == {"a.example": ("127.0.0.1", 80)}
    with pytest.raises(ValueError, match="loopback"):
        read_host_map({"a.example": "192.0.2.1:80"})
