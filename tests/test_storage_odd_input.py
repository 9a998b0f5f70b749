"""Whatever a page or a caller brings: it is stored, or refused before anything is written."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from storage import (
    SHANGHAI,
    Archive,
    Article,
    ArticleNotFound,
    Attachment,
    Capture,
    CaptureNotFound,
    CaptureUnreadable,
    Image,
    Link,
    Listed,
    Origin,
    VersionNotFound,
    content_digest,
)
from storage.record import Block
from storage.schema import CaptureRow
from storage.warc_reading import iterate
from tests.records import READER, URL, article, capture

Opener = Callable[..., Archive]
ODD = "一\x00二\ud83d三\udfff"
STORED = "一\ufffd二\ufffd三\ufffd"


# -- characters no database can hold --------------------------------------------------------------


def test_unstorable_characters_are_replaced_one_by_one(archive: Archive) -> None:
    odd = replace(
        article(ODD, ODD + "末", title=ODD),
        byline=ODD,
        authors=(ODD,),
        source=ODD,
        origin=Origin(medium=ODD, raw=ODD),
        links=(Link(url="http://x.cn/" + ODD, text=ODD),),
        images=(Image(url="http://x.cn/" + ODD, alt=ODD),),
        attachments=(Attachment(url="http://x.cn/" + ODD, name=ODD),),
        encoding=ODD,
    )
    archive.add([capture(portal=ODD)], odd)
    version = archive.version(URL)
    assert version.article.title == version.article.byline == STORED
    assert version.article.authors == (STORED,)
    assert version.digest == content_digest(odd) == content_digest(version.article)
    blocks = [block for block in version.article.blocks if block.kind != "caption"]
    assert [version.article.text[b.start : b.end] for b in blocks] == [b.text for b in blocks]
    assert archive.add([capture(minute=1)], odd).state == "unchanged"
    assert archive.add([capture(minute=2)], version.article).state == "unchanged"


def test_odd_headers_and_reasons_are_kept(archive: Archive) -> None:
    headers = (
        ("Content-Type", "text/html\x00"),
        ("ETag", '"\x00\xff"'),
        ("X-Break", "a\r\nWARC-Type: forged\n"),
        ("X-Chinese", "解读"),
        ("X-Half", "\ud83d"),
        ("Last-Modified", ODD),
    )
    odd = capture(headers=headers, request_headers=headers, ip_address="::1")
    added = archive.add([odd], None, failure=ODD)
    (row,) = archive.captures()
    assert row.failure == STORED
    assert row.etag == '"\ufffd\xff"'
    back = archive.read_capture(added.capture_ids[0])
    assert back.body == odd.body
    assert back.headers[:4] == (
        ("Content-Type", "text/html "),
        ("ETag", '" \xff"'),
        ("X-Break", "a  WARC-Type: forged "),
        ("X-Chinese", "解读".encode().decode("latin-1")),
    )


def test_odd_addresses_are_kept(archive: Archive, tmp_path: Path) -> None:
    urls = [
        "http://例子.政务.cn/解读 一.html?标题=数据",
        "http://news.example.cn/a\ud83db\x00c.html",
        "http://news.example.cn/" + "解" * 3_000,
        "http://news.example.cn/?" + "&".join(f"p{n}={n}" for n in range(2_000)),
        "http://user:pw@news.example.cn:8080/%zz/%",
        "http://[::1]:8080/",
    ]
    for url in urls:
        archive.list_urls("example", url, [Listed(url=url, title=ODD)])
        hop = capture(b"", url=url, status=302, page=None)
        added = archive.add([hop, capture(url=url + "&x")], article(url=url + "&x"))
        assert added.state == "new"
        assert archive.article(url).id == added.article_id
        assert archive.validators(url) is None
        archive.fail_url("example", url, ODD)
        for number in added.capture_ids:
            archive.read_capture(number)
    kinds = [r.type for path in (tmp_path / "warc").iterdir() for r in iterate(path)]
    assert kinds.count("request") == len(urls) * 2


def test_endless_names_are_kept(archive: Archive) -> None:
    # a misread page can give a whole text as its source or author; an index would refuse it
    endless = "".join(chr(0x4E00 + n * 7 % 20_000) for n in range(20_000))
    told = replace(article(endless, title=endless), source=endless, authors=(endless, endless))
    archive.add([capture(portal="example")], told)
    assert archive.version(URL).article == told


# -- sizes ----------------------------------------------------------------------------------------


def test_a_large_body_comes_back(archive: Archive) -> None:
    body = bytes(range(256)) * 80_000  # 20 MB
    headers = (("Content-Type", "application/pdf"),)
    added = archive.add([capture(body, kind="attachment", headers=headers)], None)
    assert added.state == "kept"
    assert archive.read_capture(added.capture_ids[0]).body == body


def test_an_article_of_thousands_of_blocks_comes_back(archive: Archive) -> None:
    told = article(*(f"第{n}条" for n in range(5_000)))
    archive.add([capture()], told)
    assert archive.version(URL).article == told


def test_an_empty_article_is_an_article(archive: Archive) -> None:
    empty = Article(url=URL, reader=READER)
    assert archive.add([capture(b"")], empty).state == "new"
    assert archive.version(URL).article == empty


def test_a_page_of_a_single_empty_caption_is_kept(archive: Archive) -> None:
    told = replace(article(), blocks=(Block(kind="caption", text=""),))
    archive.add([capture()], told)
    assert archive.version(URL).article == told


# -- numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, -1, 7, 2**31, 2**63 - 1, 2**63, 10**30])
def test_numbers_of_nothing_are_named(open_archive: Opener, number: int) -> None:
    archive = open_archive(reread=lambda portal, captures: article())
    archive.add([capture()], article())
    for which in (number, str(number)):
        with pytest.raises(ArticleNotFound, match=f"{number}"):
            archive.article(which)
    with pytest.raises(VersionNotFound, match="1 to 1"):
        archive.version(URL, number)
    with pytest.raises(CaptureNotFound, match=f"no capture {number}"):
        archive.read_capture(number)
    with pytest.raises(VersionNotFound, match=f"{number}"):
        archive.reread_version(number)
    with pytest.raises(VersionNotFound, match=f"{number}"):
        archive.add_reading(number, article(reader="2+x"))
    unvouched = capture(b"", status=304, minute=1, revisits=number)
    assert archive.add([unvouched], None).state in ("unchanged", "failed")


@pytest.mark.parametrize("visit", ["", "7", "x" * 36, "00000000-0000-0000-0000-000000000000"])
def test_visits_of_nothing_are_named(archive: Archive, visit: str) -> None:
    with pytest.raises(CaptureNotFound, match="no visit"):
        archive.place_visit(visit, article())
    assert archive.counts()["articles"] == 0


# -- what is refused before anything is written ---------------------------------------------------

NAIVE = dt.datetime(2026, 3, 1)  # noqa: DTZ001 - the mistake in question
FIRST = dt.datetime(1, 1, 1, tzinfo=SHANGHAI)  # in UTC it lies before the calendar


@pytest.mark.parametrize(
    ("visit", "told"),
    [
        ([capture(captured_at=NAIVE)], article()),
        ([capture()], replace(article(), posted_at=NAIVE)),
        ([capture()], replace(article(), published_at=NAIVE)),
        ([capture()], replace(article(), posted_at=FIRST)),
        ([capture()], article(url="news.example.cn/1.html")),
        ([capture(url="ftp://news.example.cn/")], article()),
        ([capture(url="http://[::1/")], None),
        ([capture(b"error", status=500)], None),
        ([], None),
        ([], article()),
    ],
)
def test_a_visit_that_makes_no_sense_leaves_nothing(
    archive: Archive, tmp_path: Path, visit: list[Capture], told: Article | None
) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        archive.add(visit, told)
    assert archive.captures() == []
    assert archive.crawls() == []
    assert not (tmp_path / "warc").exists()


def test_times_of_any_zone_come_back_as_shanghai(archive: Archive) -> None:
    new_york = dt.timezone(dt.timedelta(hours=-5))
    late = dt.datetime(2026, 2, 28, 20, 30, 15, 123_456, tzinfo=new_york)
    archive.add([capture(captured_at=late)], replace(article(), posted_at=late))
    version = archive.version(URL)
    assert version.captured_at == version.article.posted_at == late
    assert version.article.posted_at is not None
    assert version.article.posted_at.utcoffset() == dt.timedelta(hours=8)
    assert version.article.posted_date == dt.date(2026, 3, 1)
    (number,) = (row.id for row in archive.captures())
    assert archive.read_capture(number).captured_at == late


# -- revisits whose original is no longer there ---------------------------------------------------


@pytest.mark.parametrize("is_cut", [False, True])
def test_bytes_are_kept_again_when_the_first_record_is_lost(
    archive: Archive, tmp_path: Path, is_cut: bool
) -> None:
    archive.add([capture()], article())
    (path,) = (tmp_path / "warc").iterdir()
    archive.begin_crawl("test")
    if is_cut:
        path.write_bytes(path.read_bytes()[:-400])
    else:
        path.unlink()
    added = archive.add([capture(minute=1)], article())
    assert archive.captures()[-1].record_type == "response"
    assert archive.read_capture(added.capture_ids[0]).body == capture().body
    added = archive.add([capture(minute=2)], article())
    assert archive.captures()[-1].record_type == "revisit"
    assert archive.read_capture(added.capture_ids[0]).body == capture().body


def test_a_record_of_the_same_bytes_is_not_taken_for_another(archive: Archive) -> None:
    for minute in (0, 1):  # two records of an empty body, neither a revisit
        archive.add([capture(b"", minute=minute)], None, failure="empty")
    first, second = archive.captures()
    place = {"warc_offset": second.warc_offset, "warc_length": second.warc_length}
    with archive._engine.execution_options(writes=True).begin() as connection:
        connection.execute(update(CaptureRow).where(CaptureRow.id == first.id).values(place))
    with pytest.raises(CaptureUnreadable, match=f"not capture {first.id}; is it another archive"):
        archive.read_capture(first.id)


# -- the same reader, another layout --------------------------------------------------------------


def test_another_layout_by_the_same_reader_is_a_suspect(archive: Archive) -> None:
    archive.add([capture()], article(layout="2023"))
    other = article("另一篇文字，长短相仿，说的是另一件事情。" * 4, layout="2026")
    assert archive.add([capture(minute=1)], other).state == "suspect"
    assert archive.add([capture(minute=2)], other).state == "changed"


def test_a_suspect_of_an_earlier_version_is_none_of_a_later_one(archive: Archive) -> None:
    short = article("近日。")
    archive.add([capture(minute=0)], article())
    archive.add([capture(minute=1)], short)
    archive.add([capture(minute=2)], article("另一篇文字，长短相仿，说的是另一件事情。" * 4))
    assert archive.add([capture(minute=3)], short).state == "suspect"
    assert archive.add([capture(minute=4)], short).state == "changed"
    shown = [row.version_id for row in archive.captures(URL)]
    assert shown[1] is None
    assert shown[3] == shown[4] == archive.version(URL, 3).id
