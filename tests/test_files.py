"""Attachments and images are captures of their own and never fail their article."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.http import Response

from crawler.files import FilePolicy, file_failure, file_name
from storage import Archive, Attachment, Image
from tests.crawling import Operator
from tests.records import article, capture
from tests.site.server import SampleSite

GOV = "zcjd.samples.example"
ON = {"ARCHIVE_ATTACHMENTS": "1"}
URL = "http://x.cn/P020240604.pdf"


@pytest.fixture
def site() -> Iterator[SampleSite]:
    with SampleSite(articles=15, conditional=True) as running:
        yield running


@pytest.fixture
def operator(site: SampleSite, tmp_path: Path) -> Operator:
    return Operator(site=site, archive_url=f"sqlite:///{tmp_path / 'archive.db'}", folder=tmp_path)


def crawl(operator: Operator, *arguments: str, **environment: str) -> tuple[int, str]:
    log = str(operator.folder / "log")
    done = operator.scrapy("crawl", "samples_gov", "--logfile", log, *arguments, **environment)
    return done.status, done.output + done.errors


def attachments(site: SampleSite) -> dict[str, str]:
    return {
        f["url"]: f["name"] for u in site.articles(GOV) for f in site.expected(u)["attachments"]
    }


def images(site: SampleSite) -> set[str]:
    return {image["url"] for u in site.articles(GOV) for image in site.expected(u)["images"]}


def test_attachments_are_kept_with_digest_and_name_when_wanted(operator: Operator) -> None:
    site, files = operator.site, attachments(operator.site)
    assert len(files) >= 2
    assert crawl(operator)[0] == 0
    assert not [r for r in site.requests if any(u.endswith(r.path) for u in files)]
    status, output = crawl(operator, **ON)  # known articles, unmodified: their files are owed
    assert status == 0, output
    assert f"files: {len(files)} kept, 0 not to be had" in output
    with operator.archive() as archive:
        for url, name in files.items():
            kept = archive.file(url)
            assert kept
            body = archive.read_capture(kept.id).body
            assert (kept.kind, kept.body_digest) == ("attachment", sha256(body).hexdigest())
            assert kept.size_bytes == len(body)
            assert kept.filename
            assert re.sub(r"\W", "", name.partition(".")[0]) in re.sub(r"\W", "", kept.filename)
        assert archive.file(next(iter(images(site)))) is None
    owner = next(u for u in site.articles(GOV) if site.expected(u)["attachments"])
    assert f"sha256 {sha256(body).hexdigest()}" in operator.jiedu("show", owner).output
    site.requests.clear()
    crawl(operator, **ON)
    assert not [r for r in site.requests if any(u.endswith(r.path) for u in files)]
    crawl(operator, "-a", "recheck=1", **ON)
    again = [r.status for r in site.requests if any(u.endswith(r.path) for u in files)]
    assert again == [304] * len(files)


def test_images_are_fetched_on_request(operator: Operator) -> None:
    status, output = crawl(operator, "-a", "images=1")
    assert status == 0, output
    with operator.archive() as archive:
        kinds = {capture.kind for capture in archive.captures()}
        assert "image" in kinds
        assert "attachment" not in kinds
        for url in images(operator.site):
            kept = archive.file(url)
            assert kept
            assert kept.filename == url.rpartition("/")[2]


def test_a_file_that_cannot_be_had_fails_no_article(operator: Operator) -> None:
    site, files = operator.site, list(attachments(operator.site))
    missing = files[0]
    site.fail(missing, 404)
    status, output = crawl(operator, **ON)
    assert status == 0, output
    assert f"{missing}: HTTP 404" in output
    with operator.archive() as archive:
        assert archive.counts()["articles"] == len(site.articles(GOV))
        (kept,) = [c for c in archive.captures() if c.url == missing]
        assert kept.failure == "HTTP 404"
        assert archive.wants_file(missing)
    site.recover(missing)
    assert crawl(operator, **ON)[0] == 0
    with operator.archive() as archive:
        assert archive.file(missing)


def test_a_forbidden_file_does_not_stop_the_portal(operator: Operator) -> None:
    site = operator.site
    first = next(iter(attachments(site)))
    for url in attachments(site):
        site.fail(url, 403)
    status, output = crawl(operator, **ON)
    assert status == 0, output
    asked = [r for r in site.requests if r.status == 403]
    assert len(asked) == 1  # the host has said no to files
    with operator.archive() as archive:
        assert archive.counts()["articles"] == len(site.articles(GOV))
        refused = [c.failure or "" for c in archive.captures() if c.kind == "attachment"]
        assert len(refused) == 1
        assert "HTTP 403" in refused[0]
        assert archive.wants_file(first)


def test_a_file_that_asks_to_wait_stops_the_portal(operator: Operator) -> None:
    site = operator.site
    for url in attachments(site):
        site.fail(url, 429)
    status, output = crawl(operator, **ON)
    assert status == 1
    assert "Retry-After" in output


def test_a_file_too_large_is_said_and_not_kept(operator: Operator) -> None:
    site, url = operator.site, next(iter(attachments(operator.site)))
    site.oversize(url, 300_000)
    status, output = crawl(operator, ARCHIVE_ATTACHMENT_BYTES="200000", **ON)
    assert status == 0, output
    assert url in output
    with operator.archive() as archive:
        assert archive.file(url) is None
    assert crawl(operator, ARCHIVE_ATTACHMENT_BYTES="many", **ON)[0] == 2


def test_what_failed_too_often_is_asked_for_no_more(archive: Archive) -> None:
    for minute in range(5):
        assert archive.wants_file(URL)
        bad = capture(b"no", url=URL, kind="attachment", status=404, minute=minute)
        assert archive.add([bad], None, failure="HTTP 404").state == "failed"
    assert not archive.wants_file(URL)
    assert archive.wants_file(URL, is_recheck=True)


@pytest.fixture
def policy() -> Callable[..., list[str]]:
    return lambda archive, **options: [
        url for _, url, _ in FilePolicy(**options).wanted(_WITH_FILES, archive)
    ]


_FILES = [Attachment(url=url, name="附件") for url in (URL, URL, "ftp://x.cn/a.doc")]
_IMAGES = [Image(url=url) for url in ("http://x.cn/a.jpg", "data:,")]
_WITH_FILES = replace(article(), attachments=tuple(_FILES), images=tuple(_IMAGES))


def test_each_file_is_asked_for_once_and_only_over_http(
    archive: Archive, policy: Callable[..., list[str]]
) -> None:
    assert policy(archive) == []
    assert policy(archive, attachments=True) == [URL]
    assert policy(archive, attachments=True, images=True) == [URL, "http://x.cn/a.jpg"]


@pytest.mark.parametrize(
    ("disposition", "shown", "url", "name"),
    [
        (None, None, URL, "P020240604.pdf"),
        (None, "附件：1.实施方案.docx", URL, "附件：1.实施方案.docx"),
        (None, "附件1 实施方案", URL, "附件1 实施方案.pdf"),
        ("attachment; filename*=UTF-8''%E6%96%B9%E6%A1%88.pdf", "附件", URL, "方案.pdf"),
        ("attachment; filename*=GBK''%B7%BD%B0%B8.pdf", None, URL, "方案.pdf"),
        ('attachment; filename="方案.wps"'.encode(), None, URL, "方案.wps"),
        ('attachment; filename="方案.ofd"'.encode("gb18030"), None, URL, "方案.ofd"),
        ("attachment; filename=%E6%96%B9%E6%A1%88.xls", None, URL, "方案.xls"),
        ('attachment; filename="../../etc/passwd"', None, URL, "etc_passwd"),
        ("inline", "下载", "http://x.cn/download.jsp?id=1", "下载.jsp"),
        (None, None, "http://x.cn/", None),
        (None, "长" * 300 + ".pdf", URL, "长" * 196 + ".pdf"),
    ],
)
def test_a_file_is_called_what_its_server_its_page_or_its_address_says(
    disposition: str | bytes | None, shown: str | None, url: str, name: str | None
) -> None:
    headers = {} if disposition is None else {"Content-Disposition": disposition}
    assert file_name(Response(url, headers=headers), shown) == name


@pytest.mark.parametrize(
    ("status", "kind", "body", "failure"),
    [
        (200, "application/pdf", b"%PDF", None),
        (200, "text/html", b"%PDF", None),  # a wrong header is no wrong file
        (304, "", b"", None),
        (404, "text/html", b"<html>", "HTTP 404"),
        (200, "application/pdf", b"", "the file is empty"),
        (200, "text/html; charset=utf-8", b" <html>not found", "a page came instead of the file"),
    ],
)
def test_an_answer_is_the_file_or_says_why_not(
    status: int, kind: str, body: bytes, failure: str | None
) -> None:
    response = Response(URL, status=status, headers={"Content-Type": kind}, body=body)
    response.request = Request(URL)
    assert file_failure(response, "attachment") == failure
