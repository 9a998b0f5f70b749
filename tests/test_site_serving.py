"""The sample portals' server: hosts, files, robots.txt, compression, validators, the record."""

import gzip
import http.client
import re
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

import pytest

from tests.crawling import fetch
from tests.site.server import SampleSite

GOV, PAPER, JUHE = "zcjd.samples.example", "paper.samples.example", "juhe.samples.example"


@pytest.fixture
def site() -> Iterator[SampleSite]:
    with SampleSite(articles=15) as running:
        yield running


def test_each_host_serves_its_own_portal(site: SampleSite) -> None:
    assert set(site.hosts) == {GOV, PAPER, JUHE}
    assert site.host_map == dict.fromkeys(site.hosts, f"127.0.0.1:{site.port}")
    pages = {host: fetch(site, site.listings(host)[0]).body for host in site.hosts}
    assert len(set(pages.values())) == 3
    assert fetch(site, "http://other.example/").status == 404


def test_one_connection_carries_many_requests(site: SampleSite) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    try:
        for url in site.articles(GOV):
            connection.request("GET", urlsplit(url).path, headers={"Host": GOV})
            response = connection.getresponse()
            body = response.read()
            assert response.version == 11
            assert response.getheader("Content-Length") == str(len(body))
        connection.request("HEAD", "/", headers={"Host": GOV})
        response = connection.getresponse()
        assert (response.status, response.read()) == (200, b"")
    finally:
        connection.close()


def test_every_request_is_recorded_as_it_came(site: SampleSite) -> None:
    url = site.articles(PAPER)[0]
    fetch(site, url, **{"User-Agent": "jiedu-tests", "X-Odd-Case": "yes"})
    fetch(site, f"http://{PAPER}/nothing.html")
    first, second = site.requests
    assert (first.method, first.host, first.path) == ("GET", PAPER, urlsplit(url).path)
    assert (first.status, second.status) == (200, 404)
    assert first.headers["X-Odd-Case"] == "yes"
    assert first.at <= second.at
    assert site.requests_for(url) == [first]


def test_robots_txt_allows_all_but_one_path_until_told_otherwise(site: SampleSite) -> None:
    def rules() -> RobotFileParser:
        parser = RobotFileParser()
        parser.parse(fetch(site, f"https://{GOV}/robots.txt").body.decode().splitlines())
        return parser

    assert rules().can_fetch("jiedu", "/jiedu/index.html")
    assert not rules().can_fetch("jiedu", "/private/stats.html")
    assert rules().crawl_delay("jiedu") is None
    site.crawl_delay = 2
    assert rules().crawl_delay("jiedu") == 2
    site.robots(GOV, "User-agent: *\nDisallow: /\n")
    assert not rules().can_fetch("jiedu", "/jiedu/index.html")


def test_gzip_is_sent_when_switched_on_and_accepted(site: SampleSite) -> None:
    url = site.articles(GOV)[0]
    plain = fetch(site, url, is_gzip=True).body
    site.gzip = True
    packed = fetch(site, url, is_gzip=True)
    assert dict(packed.headers)["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain
    assert fetch(site, url).body == plain


@pytest.mark.parametrize(
    ("validator", "condition"), [("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since")]
)
def test_a_page_that_did_not_change_is_304(
    site: SampleSite, validator: str, condition: str
) -> None:
    url = next(u for u in site.articles(GOV) if site.expected(u)["media_kind"] == "text")
    assert validator not in dict(fetch(site, url).headers)
    site.conditional = True
    value = dict(fetch(site, url).headers)[validator]
    unchanged = fetch(site, url, **{condition: value})
    assert (unchanged.status, unchanged.body) == (304, b"")
    site.edit(url)
    assert fetch(site, url, **{condition: value}).status == 200


def test_a_page_that_rotates_has_no_validators(site: SampleSite) -> None:
    site.conditional = True
    url = site.articles(JUHE)[0]
    assert "ETag" not in dict(fetch(site, url).headers)
    site.rotate = False
    assert "ETag" in dict(fetch(site, url).headers)


def test_the_counter_and_the_sidebar_are_new_on_every_visit(site: SampleSite) -> None:
    url = site.articles(JUHE)[0]
    pages = [fetch(site, url).body.decode() for _ in range(3)]
    hits = [int(re.findall(r'class="hits">(\d+)<', page)[0]) for page in pages]
    assert hits == sorted(set(hits))
    sidebars = [page.partition("热门资讯")[2] for page in pages]
    assert len(set(sidebars)) == 3
    assert all(sidebar.count("<li>") == 10 for sidebar in sidebars)
    site.rotate = False
    assert fetch(site, url).body == fetch(site, url).body


def test_images_and_attachments_are_files(site: SampleSite) -> None:
    files = {"images": (b"\x89PNG", b"\xff\xd8\xff"), "attachments": (b"%PDF",)}
    for kind, magic in files.items():
        entries = [e for host in site.hosts for u in site.articles(host)
                   for e in site.expected(u)[kind]]  # fmt: skip
        assert entries
        for entry in entries:
            assert fetch(site, entry["url"]).body.startswith(magic)


def test_sixty_and_a_thousand_articles_are_listed(site: SampleSite) -> None:
    for count in (60, 1000):
        with SampleSite(articles=count) as many:
            listed = [url for host in many.hosts for url in many.articles(host)]
            assert len(listed) == len(set(listed)) == count


def test_it_stops_while_clients_hang_on() -> None:
    before = set(threading.enumerate())
    with SampleSite(articles=3) as running:
        connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=10)
        connection.request("GET", "/robots.txt", headers={"Host": GOV})
        connection.getresponse().read()
    connection.close()
    left = [t for t in set(threading.enumerate()) - before if t.name == "sample-site"]
    assert left == []
