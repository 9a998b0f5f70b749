"""`scrapy import`: pages others fetched, through the same path, with their own times, once."""

import datetime as dt
import gzip
import json
import os
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from scrapy.settings import Settings
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.importing import Importer, ImportFailed, ImportReport, find_records, find_saved_pages
from crawler.rules import Rules
from storage import SHANGHAI, Archive
from tests.crawling import Operator
from tests.site.server import SampleSite

GOV, PAPER, JUHE = "zcjd.samples.example", "paper.samples.example", "juhe.samples.example"
AT = dt.datetime(2024, 6, 14, 1, 43, tzinfo=dt.UTC)
RULES = Rules(Settings({"SPIDER_MODULES": ["tests.site.portals"]}))


@pytest.fixture(scope="module")
def site() -> Iterator[SampleSite]:
    with SampleSite(articles=15, rotate=False) as running:
        yield running


@pytest.fixture
def archive(open_archive: Callable[..., Archive]) -> Archive:
    return open_archive(reread=RULES.read)


def page(site: SampleSite, url: str) -> bytes:
    host = url.split("/")[2]
    return site.page(host, url.partition(host)[2]).body


def single(site: SampleSite, host: str, number: int = 0) -> str:
    return [url for url in site.articles(host) if len(site.pages(url)) == 1][number]


class Warc:
    """A WARC file as another crawler writes it."""

    def __init__(self, path: Path, *, is_gzip: bool = True) -> None:
        self.path, self._buffer = path, BytesIO()
        self._writer = WARCWriter(self._buffer, gzip=is_gzip)

    def add(
        self,
        url: str,
        body: bytes,
        *,
        kind: str = "response",
        status: str = "200 OK",
        minute: int = 0,
        warc: dict[str, str] | None = None,
        **headers: str,
    ) -> str:
        """Append a record; its id."""
        http = {"Content-Type": "text/html"} | {n.replace("_", "-"): v for n, v in headers.items()}
        date = (AT + dt.timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")
        record = self._writer.create_warc_record(
            url, kind, payload=BytesIO(body), length=len(body),
            http_headers=StatusAndHeaders(status, list(http.items()), protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": date} | (warc or {}),
        )  # fmt: skip
        self._writer.write_record(record)
        return str(record.rec_headers.get_header("WARC-Record-ID"))

    def save(self, cut: int | None = None) -> Path:
        self.path.write_bytes(self._buffer.getvalue()[:cut])
        return self.path


def bring(archive: Archive, *paths: Path) -> tuple[ImportReport, int, list[str]]:
    damaged: list[str] = []
    found, unresolved = find_records(paths, damaged)
    return Importer(archive, RULES).run(found), unresolved, damaged


# -- WARC -----------------------------------------------------------------------------------------


def test_a_crawls_own_warc_files_make_the_same_archive(tmp_path: Path) -> None:
    with SampleSite(articles=15, rotate=False, conditional=True) as site:
        first = Operator(site=site, archive_url=f"sqlite:///{tmp_path / 'a.db'}", folder=tmp_path)
        for _ in range(2):
            for portal in ("samples_gov", "samples_juhe"):
                assert first.crawl(portal).status == 0
            site.edit(site.articles(GOV)[0])
        other = tmp_path / "other"
        other.mkdir()
        second = Operator(site=site, archive_url=f"sqlite:///{other / 'a.db'}", folder=other)
        site.requests.clear()
        done = second.scrapy("import", str(tmp_path / "warc"))
        assert done.status == 0, done.output + done.errors
        assert site.requests == []
        with first.archive() as crawled, second.archive() as imported:
            assert imported.counts()["articles"] == crawled.counts()["articles"]
            for article in crawled.articles():
                before, after = crawled.versions(article.url), imported.versions(article.url)
                assert [v.digest for v in after] == [v.digest for v in before]
                assert [v.captured_at for v in after] == [v.captured_at for v in before]
                assert [v.visits for v in after] == [v.visits for v in before]
                assert after[-1].article.page_count == before[-1].article.page_count
            counts = imported.counts()
        again = second.scrapy("import", str(tmp_path / "warc"))
        assert again.status == 0
        assert "none imported" in again.output
        with second.archive() as imported:
            assert imported.counts() == counts
            assert [crawl.command for crawl in imported.crawls()] == ["import", "import"]


def test_records_of_other_crawlers_are_read(
    archive: Archive, site: SampleSite, tmp_path: Path
) -> None:
    chunked, zipped, joined, lying = [single(site, JUHE, n) for n in range(4)]
    body = page(site, chunked)
    warc = Warc(tmp_path / "other.warc.gz")
    warc.add("dns:juhe.samples.example", b"127.0.0.1", kind="resource")
    parts = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (body[:900], body[900:], b""))
    warc.add(f"<{chunked}>", parts, Transfer_Encoding="chunked")  # wget's brackets
    warc.add(zipped, gzip.compress(page(site, zipped)), Content_Encoding="gzip")
    warc.add(joined, page(site, joined), Transfer_Encoding="chunked")  # already joined
    warc.add(lying, page(site, lying), Content_Encoding="gzip")  # already decompressed
    warc.add(f"http://{JUHE}/news/list_1.html", b"<html></html>")
    warc.add(f"http://{JUHE}/a.png", b"\x89PNG", Content_Type="image/png")
    warc.add("http://elsewhere.example.cn/1.html", b"<html></html>")
    report, unresolved, damaged = bring(archive, warc.save())
    assert report.states == {"new": 4}
    assert (report.foreign, unresolved, damaged, report.failures) == (2, 0, [], [])
    for url in (chunked, zipped, joined, lying):
        version = archive.version(url)
        assert version.captured_at == AT
        assert version.article.title == site.expected(url)["title"]
    (capture,) = archive.captures(chunked)
    assert archive.read_capture(capture.id).body == body
    assert capture.portal == "samples_juhe"


def test_an_uncompressed_file_and_one_cut_short_give_what_they_hold(
    archive: Archive, site: SampleSite, tmp_path: Path
) -> None:
    first, second = single(site, JUHE, 0), single(site, JUHE, 1)
    plain = Warc(tmp_path / "plain.warc", is_gzip=False)
    plain.add(first, page(site, first))
    cut = Warc(tmp_path / "cut.warc.gz")
    cut.add(second, page(site, second))
    report, _, damaged = bring(archive, plain.save(), cut.save(cut=-200))
    assert report.states == {"new": 1, "failed": 1}
    assert "cut short" in report.failures[0] or damaged


def test_a_file_that_is_no_warc_is_named(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "x.warc.gz").write_bytes(b"%PDF-1.4 nothing of a WARC file")
    with pytest.raises(ImportFailed, match=r"x\.warc\.gz is no WARC file"):
        bring(archive, tmp_path / "x.warc.gz")


def test_revisits_show_the_bytes_they_vouch_for(
    archive: Archive, site: SampleSite, tmp_path: Path
) -> None:
    url = single(site, JUHE)
    body = page(site, url)
    warc = Warc(tmp_path / "r.warc.gz")
    profile = "http://netpreserve.org/warc/1.1/revisit/"
    same = profile + "identical-payload-digest"
    number = warc.add(url, body)
    warc.add(url, b"", kind="revisit", minute=1,
             warc={"WARC-Refers-To": number, "WARC-Profile": same})  # fmt: skip
    warc.add(url, b"", kind="revisit", minute=2, status="304 Not Modified",
             warc={"WARC-Profile": profile + "server-not-modified"})  # fmt: skip
    warc.add(single(site, JUHE, 1), b"", kind="revisit", minute=3,
             warc={"WARC-Payload-Digest": "sha1:ELSEWHERE"})  # fmt: skip
    report, unresolved, _ = bring(archive, warc.save())
    assert report.states == {"new": 1, "unchanged": 2}
    assert unresolved == 1
    (version,) = archive.versions(url)
    assert version.visits == 3
    assert [c.status for c in archive.captures(url)] == [200, 200, 304]
    assert bring(archive, warc.path)[0].known == 3


def test_pages_of_an_article_are_joined_and_a_missing_one_is_said(
    archive: Archive, site: SampleSite, tmp_path: Path
) -> None:
    url = next(u for u in site.articles(GOV) if len(site.pages(u)) > 1)
    whole, half = Warc(tmp_path / "whole.warc.gz"), Warc(tmp_path / "half.warc.gz")
    for minute, address in enumerate(reversed(site.pages(url))):  # in any order
        whole.add(address, page(site, address), minute=minute)
    half.add(url, page(site, url), minute=30)
    report, _, _ = bring(archive, whole.save())
    assert report.states == {"new": 1}
    assert archive.version(url).article.page_count == len(site.pages(url))
    assert bring(archive, whole.path)[0].known == 1
    report, _, _ = bring(archive, half.save())
    assert report.states == {"failed": 1}
    assert "page 2 is missing" in report.failures[0]


def test_a_page_that_was_gone_is_gone(archive: Archive, site: SampleSite, tmp_path: Path) -> None:
    url = single(site, JUHE)
    warc = Warc(tmp_path / "g.warc.gz")
    warc.add(url, page(site, url))
    for minute in (9, 11):  # a second visit confirms it
        warc.add(url, b"<h1>404</h1>", status="404 Not Found", minute=minute)
    assert bring(archive, warc.save())[0].states == {"new": 1, "missing": 1, "gone": 1}
    assert archive.article(url).gone_at == AT + dt.timedelta(minutes=9)


# -- pages saved by hand --------------------------------------------------------------------------


def save(
    archive: Archive, folder: Path, at: dt.datetime | None = None
) -> tuple[ImportReport, list[str]]:
    skipped: list[str] = []
    return Importer(archive, RULES).run(find_saved_pages(folder, at, skipped)), skipped


def test_saved_pages_take_address_and_time_from_what_is_there(
    archive: Archive, site: SampleSite, tmp_path: Path
) -> None:
    beside, above, inside, nowhere = [single(site, JUHE, n) for n in range(4)]
    deep = tmp_path / "deep"
    deep.mkdir()
    (tmp_path / "1.html").write_bytes(page(site, beside))
    (tmp_path / "1.json").write_text(json.dumps({"url": beside, "captured_at": "2024-06-14T09:43"}))
    saved_from = f"<!-- saved from url=({len(above):04d}){above} -->\n".encode()
    (deep / "2.HTM").write_bytes(b"<!DOCTYPE html>\n" + saved_from + page(site, above))
    canonical = f'<head><link rel="canonical" href="{inside}">'.encode()
    (deep / "3.html.gz").write_bytes(
        gzip.compress(page(site, inside).replace(b"<head>", canonical, 1))
    )
    os.utime(deep / "3.html.gz", (1718329380, 1718329380))
    (tmp_path / "4.html").write_bytes(page(site, nowhere))
    (tmp_path / "notes.txt").write_text("not a page")
    report, skipped = save(archive, tmp_path, None)
    assert report.states == {"new": 3}
    (line,) = skipped
    assert "4.html" in line
    assert "put a .json beside it" in line
    assert archive.version(beside).captured_at == dt.datetime(2024, 6, 14, 9, 43, tzinfo=SHANGHAI)
    assert archive.version(inside).captured_at == dt.datetime.fromtimestamp(1718329380, dt.UTC)
    for url in (beside, above, inside):
        assert archive.version(url).article.title == site.expected(url)["title"]
        assert archive.version(url).article.layout == "a"
    report, _ = save(archive, tmp_path)
    assert (report.states, report.known) == ({}, 3)


def test_a_saved_page_of_no_portal_is_read_by_general_rules(
    archive: Archive, site: SampleSite, tmp_path: Path
) -> None:
    url = "https://news.example.cn/a/1.html"
    body = page(site, single(site, JUHE))
    (tmp_path / "p.html").write_bytes(f"<!-- saved from url=(0032){url} -->".encode() + body)
    report, _ = save(archive, tmp_path, AT)
    assert report.states == {"new": 1}
    version = archive.version(url)
    assert (version.captured_at, version.article.layout) == (AT, "generic")
    assert version.article.portal is None


@pytest.mark.parametrize(
    ("sidecar", "says"),
    [
        ('{"url": "ftp://x.cn/1"}', "ftp://x.cn/1"),
        ('{"url": "http://x.cn/1", "captured_at": "yesterday"}', "'yesterday' is no time"),
        ("[1]", "is no JSON object"),
        ("{", "Expecting"),
    ],
)
def test_a_wrong_sidecar_is_said(archive: Archive, tmp_path: Path, sidecar: str, says: str) -> None:
    (tmp_path / "p.html").write_text("<html></html>")
    (tmp_path / "p.json").write_text(sidecar)
    report, (line,) = save(archive, tmp_path)
    assert report.states == {}
    assert says in line


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        ((), 2, "name a WARC file"),
        (("no-such-file.warc.gz",), 1, "no such file or folder"),
        (("README.md",), 1, "README.md is no WARC file"),
        (("--portal", "nonsense", "README.md"), 2, "unknown portal"),
        (("--captured-at", "yesterday", "README.md"), 2, "write a time as"),
    ],
)
def test_wrong_usage_is_one_line(
    site: SampleSite, tmp_path: Path, arguments: tuple[str, ...], status: int, says: str
) -> None:
    url = f"sqlite:///{tmp_path / 'archive.db'}"
    done = Operator(site=site, archive_url=url, folder=tmp_path).scrapy("import", *arguments)
    assert done.status == status, done.errors
    assert says in done.errors
    assert "Traceback" not in done.errors


@pytest.mark.parametrize(
    ("name", "body", "sidecar"),
    [
        ("cut.html.gz", gzip.compress(b"<p>" * 5000, mtime=0)[:-20], None),
        ("damaged.html.gz", gzip.compress(b"<p>" * 5000, mtime=0)[:20] + b"\xff" * 40, None),
        ("odd.html", b"<p>text</p>", '{"url": 5}'),
    ],
)
def test_one_bad_file_does_not_end_an_import(
    tmp_path: Path, name: str, body: bytes, sidecar: str | None
) -> None:
    (tmp_path / name).write_bytes(body)
    if sidecar:
        (tmp_path / "odd.json").write_text(sidecar)
    skipped: list[str] = []
    assert list(find_saved_pages(tmp_path, None, skipped)) == []
    assert len(skipped) == 1
    assert name in skipped[0]
