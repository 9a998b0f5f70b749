"""What one visit does to the archive, on both backends."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import inspect

from storage import (
    SHANGHAI,
    Archive,
    ArticleNotFound,
    Attachment,
    Image,
    Link,
    Listed,
    Origin,
    ReaderMismatch,
    VersionNotFound,
    content_digest,
    place_blocks,
)
from storage.record import Article, Block, Capture
from storage.schema import Table
from tests.records import BODY, READER, URL, article, capture

Opener = Callable[..., Archive]
SHORT = ("近日，示例省印发措施。",)
EDITED = ("近日，示例省印发《关于推进数据要素流通的若干意见》。", *BODY[1:])


def test_an_article_comes_back_as_it_went_in(archive: Archive) -> None:
    added = archive.add([capture()], article())
    assert (added.state, added.version) == ("new", 1)
    version = archive.version(URL)
    assert version.article == article()
    assert version.digest == content_digest(article())
    assert version.article.posted_at == dt.datetime(2026, 3, 1, 9, 30, tzinfo=SHANGHAI)
    assert version.article.published_date == dt.date(2026, 2, 28)


def test_the_same_content_adds_captures_and_no_version(archive: Archive) -> None:
    for minute in range(100):
        archive.add([capture(b"<p>one</p><i>%d</i>" % minute, minute=minute)], article())
    assert archive.counts() == {"articles": 1, "versions": 1, "readings": 1, "captures": 100}
    version = archive.version(URL)
    assert (version.captures, version.visits) == (100, 100)


def test_one_edited_word_is_a_version(archive: Archive) -> None:
    archive.add([capture()], article())
    added = archive.add([capture(b"<p>two</p>", minute=1)], article(*EDITED))
    assert (added.state, added.version) == ("changed", 2)


def test_edit_and_revert_are_three_versions(archive: Archive) -> None:
    for minute, texts in enumerate((BODY, EDITED, BODY)):
        archive.add([capture(minute=minute)], article(*texts))
    versions = archive.versions(URL)
    assert [version.number for version in versions] == [1, 2, 3]
    assert versions[0].digest == versions[2].digest != versions[1].digest


def test_white_space_and_boilerplate_fields_make_no_version(archive: Archive) -> None:
    archive.add([capture()], article())
    other = replace(
        article(*("\u3000\u3000" + text + "\u200b" for text in BODY)),
        editors=("赵敏",),
        byline=None,
        source="别处",
    )
    assert archive.add([capture(minute=1)], other).state == "unchanged"


def test_a_picture_interpretation_is_told_by_its_images(archive: Archive) -> None:
    def chart(address: str) -> Article:
        return replace(
            article("一图读懂"), media_kind="图解", images=(Image(url=f"http://x.cn/{address}"),)
        )

    assert archive.add([capture()], chart("a.png?v=1")).state == "new"
    assert archive.add([capture(minute=1)], chart("a.png?v=2")).state == "unchanged"
    assert archive.add([capture(minute=2)], chart("b.png")).state == "changed"


def test_a_redirect_hop_shows_no_version(archive: Archive) -> None:
    hop = capture(b"", status=301, page=None, url="http://news.example.cn/go")
    pages = [capture(b"page one"), capture(b"page two", url=URL + "?p=2", page=2)]
    archive.add([hop, *pages], article())
    archive.add([replace(c, captured_at=capture(minute=1).captured_at) for c in pages], article())
    version = archive.version(URL)
    assert (version.visits, version.captures) == (2, 4)
    first, *others = archive.captures(URL)
    assert (first.page, first.version_id) == (None, None)
    assert {c.version_id for c in others} == {version.id}


def test_the_hops_of_a_304_and_of_a_suspect_show_no_version(archive: Archive) -> None:
    hop = capture(b"", status=301, page=None, minute=1, url="http://news.example.cn/go")
    first = archive.add([capture()], article())
    unmodified = capture(b"", minute=1, status=304, revisits=first.capture_ids[0])
    assert archive.add([hop, unmodified], None).state == "unchanged"
    assert archive.version(URL).visits == 2
    for minute in (2, 3):
        archive.add([hop, capture(b"short", minute=minute)], article(*SHORT))
    assert [(v.visits, v.captures) for v in archive.versions(URL)] == [(2, 2), (2, 2)]
    assert {c.version_id for c in archive.captures(URL) if c.page is None} == {None}


def test_an_older_capture_is_kept_and_makes_no_version(archive: Archive) -> None:
    archive.add([capture(minute=10)], article())
    added = archive.add([capture(minute=5)], article(*EDITED))
    assert (added.state, added.version) == ("older", None)
    assert archive.counts()["versions"] == 1
    assert archive.counts()["captures"] == 2


def test_half_the_text_is_a_suspect_until_a_second_visit_agrees(archive: Archive) -> None:
    archive.add([capture()], article())
    first = archive.add([capture(minute=1)], article(*SHORT))
    assert (first.state, first.version) == ("suspect", None)
    assert archive.captures(URL)[1].is_suspect
    second = archive.add([capture(minute=2)], article(*SHORT))
    assert (second.state, second.version) == ("changed", 2)
    assert [c.version_id for c in archive.captures(URL)][1:] == [archive.version(URL).id] * 2


def test_a_suspect_that_passes_leaves_no_version(archive: Archive) -> None:
    archive.add([capture()], article())
    archive.add([capture(minute=1)], article(*SHORT))
    assert archive.add([capture(minute=2)], article()).state == "unchanged"
    assert archive.counts()["versions"] == 1


def test_a_redesign_with_the_same_words_is_a_reading(archive_with_rules: Archive) -> None:
    archive = archive_with_rules
    archive.add([capture()], article())
    redesigned = article(reader="1+bbbbbbbb", layout="2026")
    added = archive.add([capture(b"<p>new design</p>", minute=1)], redesigned)
    assert (added.state, added.is_new_reading) == ("unchanged", True)
    assert archive.counts() == {"articles": 1, "versions": 1, "readings": 2, "captures": 2}
    assert archive.version(URL).article.layout == "2026"


def test_a_redesign_with_other_words_is_a_suspect(archive_with_rules: Archive) -> None:
    archive = archive_with_rules
    archive.add([capture()], article())
    other = article(*EDITED, reader="1+bbbbbbbb", layout="2026")
    assert archive.add([capture(minute=1)], other).state == "suspect"
    assert archive.add([capture(minute=2)], other).state == "changed"


def test_a_better_extractor_is_a_reading_and_no_version(open_archive: Opener) -> None:
    with open_archive() as old:
        old.add([capture()], article())
    better = article(*BODY, "（本报北京电）", reader="2+aaaaaaaa")
    new = open_archive(reread=lambda portal, captures: better)
    added = new.add([capture(b"<p>one</p><i>2</i>", minute=1)], better)
    assert (added.state, added.version, added.is_new_reading) == ("unchanged", 1, True)
    assert new.version(URL).readers == (READER, "2+aaaaaaaa")
    assert new.version(URL).article == better
    assert new.version(URL).digest == content_digest(article())


def test_a_better_extractor_still_sees_an_edit(open_archive: Opener) -> None:
    with open_archive() as old:
        old.add([capture()], article())
    new = open_archive(reread=lambda portal, captures: article(reader="2+aaaaaaaa"))
    added = new.add([capture(minute=1)], article(*EDITED, reader="2+aaaaaaaa"))
    assert (added.state, added.version) == ("changed", 2)
    assert new.versions(URL)[0].readers == (READER, "2+aaaaaaaa")


def test_the_reader_gets_the_stored_captures(open_archive: Opener) -> None:
    seen: list[tuple[str | None, list[bytes]]] = []

    def reread(portal: str | None, captures: list[Capture]) -> Article:
        seen.append((portal, [c.body for c in captures]))
        return article(reader="2+aaaaaaaa")

    with open_archive() as old:
        pages = [capture(b"page one", page=1), capture(b"page two", url=URL + "?p=2", page=2)]
        old.add(pages, article())
    new = open_archive(reread=reread)
    new.add([capture(minute=1)], article(reader="2+aaaaaaaa"))
    assert seen == [("example", [b"page one", b"page two"])]


def test_another_reader_without_reread_is_refused(archive: Archive) -> None:
    archive.add([capture()], article())
    with pytest.raises(ReaderMismatch, match="reread="):
        archive.add([capture(minute=1)], article(*EDITED, reader="2+aaaaaaaa"))
    assert archive.counts()["captures"] == 1


def test_a_version_that_cannot_be_reread_makes_a_suspect(open_archive: Opener) -> None:
    def reread(portal: str | None, captures: list[Capture]) -> Article:
        raise RuntimeError("no article found")

    with open_archive() as old:
        old.add([capture()], article())
    new = open_archive(reread=reread)
    assert new.add([capture(minute=1)], article(*EDITED, reader="2+x")).state == "suspect"


def test_rereading_a_version_makes_one_reading(open_archive: Opener) -> None:
    with open_archive() as old:
        old.add([capture()], article())
    new = open_archive(reread=lambda portal, captures: article(reader="2+aaaaaaaa"))
    (version_id,) = new.version_ids()
    assert new.reread_version(version_id) is True
    assert new.reread_version(version_id) is False
    assert new.counts()["readings"] == 2
    assert new.counts()["versions"] == 1


def test_a_reading_again_keeps_the_channel_of_the_listing(open_archive: Opener) -> None:
    with open_archive() as old:
        old.add([capture()], replace(article(), channel="政策解读"))
    today = article(reader="2+aaaaaaaa")
    new = open_archive(reread=lambda portal, captures: today)
    assert new.reread_version(new.version(URL).id) is True
    assert new.version(URL).article == replace(today, channel="政策解读")
    new.add([capture(minute=1)], article(reader="2+aaaaaaaa"))
    assert new.version(URL).article.channel == "政策解读"


def test_an_added_article_by_another_reader_keeps_the_channel(open_archive: Opener) -> None:
    with open_archive() as old:
        old.add([capture()], replace(article(), channel="政策解读"))
    new = open_archive(reread=lambda portal, captures: article(reader="2+aaaaaaaa"))
    new.add([capture(minute=1)], article(*EDITED, reader="2+aaaaaaaa"))
    first, second = new.versions(URL)
    assert first.article.channel == "政策解读"
    assert second.article.channel is None  # another content: nobody has said where it stands
    moved = replace(article(*EDITED, reader="3+aaaaaaaa"), channel="专家解读")
    assert new.add_reading(second.id, moved) is True
    assert new.version(URL).article.channel == "专家解读"


def test_only_visits_that_gave_nothing_are_offered_again(archive: Archive) -> None:
    archive.add([capture()], article())
    archive.add([capture(b"short", minute=1)], article(*SHORT))  # a suspect
    archive.add([capture(b"", minute=2, status=500)], None, failure="HTTP 500")
    archive.add([capture(b"gone", minute=3, status=404)], None)
    failed = archive.add([capture(b"strange", minute=4)], None, failure="no article found")
    ((visit, _, ids),) = archive.unread_visits()
    assert tuple(ids) == failed.capture_ids
    assert archive.place_visit(visit, article(*SHORT)).state == "changed"  # the suspect was right
    assert list(archive.unread_visits()) == []
    assert [c.is_suspect for c in archive.captures(URL)] == [False] * 5


def test_a_page_that_could_not_be_read_can_be_read_later(archive: Archive) -> None:
    failed = archive.add([capture(b"strange page")], None, failure="no article found")
    assert failed.state == "failed"
    ((visit, portal, ids),) = archive.unread_visits()
    assert (portal, tuple(ids)) == ("example", failed.capture_ids)
    assert archive.place_visit(visit, article()).state == "new"
    assert list(archive.unread_visits()) == []
    assert archive.version(URL).article == article()


def test_a_move_keeps_the_article_and_its_versions(archive: Archive) -> None:
    new_url = "https://news.example.cn/2026/1001.html"
    archive.add([capture()], article())
    hops = [
        capture(b"", status=301, page=None, minute=1),
        capture(b"<p>one</p>", url=new_url, minute=1),
    ]
    added = archive.add(hops, article(url=new_url))
    assert (added.state, archive.counts()["articles"]) == ("unchanged", 1)
    stored = archive.article(URL)
    assert stored.url == new_url
    assert stored.aliases == (URL,)
    assert archive.article(new_url).id == stored.id


def test_the_scheme_does_not_make_another_article(archive: Archive) -> None:
    archive.add([capture()], article())
    secure = URL.replace("http:", "https:")
    archive.add([capture(url=secure, minute=1)], article(url=secure))
    assert archive.counts()["articles"] == 1


def test_a_redirect_chain_makes_aliases(archive: Archive) -> None:
    hops = [
        capture(b"", url="http://news.example.cn/go?id=7", status=302, page=None),
        capture(),
    ]
    archive.add(hops, article())
    assert archive.article("http://news.example.cn/go?id=7").url == URL
    assert archive.counts() == {"articles": 1, "versions": 1, "readings": 1, "captures": 2}


def test_a_deleted_page_is_gone_and_keeps_its_versions(archive: Archive) -> None:
    archive.add([capture()], article())
    assert archive.add([capture(b"404", minute=5, status=404)], None).state == "missing"
    assert archive.article(URL).gone_at is None
    assert archive.add([capture(b"404", minute=6, status=410)], None).state == "gone"
    gone = archive.article(URL)
    assert gone.gone_at == capture(minute=5).captured_at
    assert archive.version(URL).article == article()
    assert archive.add([capture(minute=7)], article()).is_return
    assert archive.article(URL).gone_at is None
    archive.add([capture(minute=9)], article())
    (absence,) = archive.absences("example")
    assert absence.seen_at == capture().captured_at
    assert (absence.kind, absence.missed_at, absence.confirmed_at, absence.ended_at) == (
        "HTTP 404", *(capture(minute=minute).captured_at for minute in (5, 6, 7))
    )  # fmt: skip


def test_a_304_counts_as_a_visit_of_the_latest_version(archive: Archive) -> None:
    first = archive.add([capture()], article())
    validators = archive.validators(URL)
    assert validators is None  # the response carried neither ETag nor Last-Modified
    headers = (("ETag", '"a1"'), ("Content-Type", "text/html"))
    archive.add([capture(minute=1, headers=headers)], article())
    validators = archive.validators(URL)
    assert validators is not None
    assert validators.etag == '"a1"'
    unmodified = capture(b"", minute=2, status=304, revisits=validators.capture_id)
    added = archive.add([unmodified], None)
    assert (added.state, added.version, added.article_id) == ("unchanged", 1, first.article_id)


def test_a_failure_keeps_the_bytes_and_the_reason(archive: Archive) -> None:
    added = archive.add([capture(b"\x89PNG")], None, failure="binary declared text/html")
    (row,) = archive.captures()
    assert (added.state, row.failure) == ("failed", "binary declared text/html")
    assert archive.read_capture(row.id).body == b"\x89PNG"
    assert archive.counts()["articles"] == 0


def test_a_visit_without_article_or_reason_is_a_mistake(archive: Archive) -> None:
    with pytest.raises(ValueError, match="say why"):
        archive.add([capture()], None)
    with pytest.raises(ValueError, match="either"):
        archive.add([capture()], article(), failure="both")
    with pytest.raises(ValueError, match="page"):
        archive.add([capture(page=None)], article())


def test_the_ledger_is_done_when_the_article_is_committed(archive: Archive) -> None:
    other = "http://news.example.cn/jiedu/1002.html"
    links = [Listed(url=URL, title="一"), Listed(url=other, title="二")]
    assert archive.list_urls("example", "http://news.example.cn/jiedu/", links) == 2
    assert archive.list_urls("example", "http://news.example.cn/jiedu/", links) == 0
    archive.add([capture()], article())
    assert [listed.url for listed in archive.pending_urls("example")] == [other]
    for _ in range(5):
        archive.fail_url("example", other, "connection refused")
    assert archive.pending_urls("example") == []


def test_a_redirected_listing_entry_is_done_too(archive: Archive) -> None:
    archive.list_urls("example", "http://news.example.cn/", [Listed(url=URL)])
    new_url = "http://news.example.cn/new/1.html"
    hops = [capture(b"", status=301, page=None), capture(url=new_url)]
    archive.add(hops, article(url=new_url))
    assert archive.pending_urls("example") == []


def test_unknown_articles_and_versions_are_named(archive: Archive) -> None:
    archive.add([capture()], article())
    with pytest.raises(ArticleNotFound, match=r"no article http://x\.cn/"):
        archive.versions("http://x.cn/")
    with pytest.raises(ArticleNotFound, match="absolute"):
        archive.versions("nonsense")
    with pytest.raises(VersionNotFound, match="1 to 1"):
        archive.version(URL, 7)


DAMAGED = "甲\x00乙\ud800丙\U0001f600"
MENDED = "甲\ufffd乙\ufffd丙\U0001f600"


def test_characters_no_database_holds_are_replaced(archive: Archive) -> None:
    """A damaged page can yield NUL and lone surrogates; offsets stay as they are."""
    odd = replace(
        article(DAMAGED, title=DAMAGED),
        url=f"{URL}?q={DAMAGED}",
        byline=DAMAGED,
        authors=(DAMAGED,),
        origin=Origin(medium=DAMAGED, raw=DAMAGED),
        links=(Link(url=f"http://x.cn/{DAMAGED}", text=DAMAGED),),
        images=(Image(url=f"http://x.cn/{DAMAGED}", alt=DAMAGED, caption=DAMAGED),),
        attachments=(Attachment(url=f"http://x.cn/{DAMAGED}", name=DAMAGED),),
        channel=DAMAGED,
        portal=DAMAGED,
        encoding=DAMAGED,
    )
    headers = (("X-Odd", DAMAGED), ("ETag", f'"{DAMAGED}"'), (DAMAGED, "x"))
    fetched = capture(url=odd.url, headers=headers, request_headers=headers, portal=DAMAGED)
    added = archive.add([fetched], odd)
    assert archive.add([replace(fetched, body=b"2")], odd).state == "unchanged"
    stored = archive.version(odd.url).article
    assert (stored.title, stored.byline, stored.authors) == (MENDED, MENDED, (MENDED,))
    assert stored.blocks[1].text == MENDED
    assert [(b.start, b.end) for b in stored.blocks] == [(b.start, b.end) for b in odd.blocks]
    assert (stored.links[0].text, stored.images[0].alt) == (MENDED, MENDED)
    assert content_digest(stored) == archive.version(odd.url).digest == content_digest(odd)
    assert archive.read_capture(added.capture_ids[0]).body == fetched.body
    failed = archive.add([replace(fetched, body=b"3")], None, failure=f"no article: {DAMAGED}")
    assert archive.captures()[-1].failure == f"no article: {MENDED}"
    archive.list_urls(DAMAGED, DAMAGED, [Listed(url=odd.url, title=DAMAGED, channel=DAMAGED)])
    assert archive.pending_urls(DAMAGED)[0].title == MENDED
    archive.fail_url(DAMAGED, odd.url, DAMAGED)
    assert archive.add([fetched], None, failure="again").article_id == failed.article_id
    archive.finish_crawl(DAMAGED, {DAMAGED: DAMAGED})
    assert [crawl.outcome for crawl in archive.crawls()] == [MENDED]


@pytest.mark.parametrize("url", ["mailto:a@b.cn", "http://[::", "http://", "/jiedu/1.html"])
def test_an_address_that_is_none_is_refused_before_anything_is_written(
    archive: Archive, url: str, tmp_path: Path
) -> None:
    for captures, read in (([capture(url=url)], None), ([capture()], article(url=url))):
        with pytest.raises(ValueError, match="URL"):
            archive.add(captures, read, failure=None if read else "not read")
    assert archive.counts()["captures"] == 0
    assert not (tmp_path / "warc").exists()
    assert archive.add([capture()], article()).state == "new"


def test_one_odd_link_does_not_cost_a_listing_its_others(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    links = [Listed(url="http://[::"), Listed(url=URL), Listed(url="javascript:void(0)")]
    assert archive.list_urls("example", "http://news.example.cn/", links) == 1
    assert [listed.url for listed in archive.pending_urls("example")] == [URL]
    assert caplog.text.count("a link was left out") == 2


def test_offsets_point_into_the_text() -> None:
    blocks = place_blocks(
        [
            Block(kind="paragraph", text="一二"),
            Block(kind="caption", text="图"),
            Block(kind="table", text="甲\t乙\n丙\t丁"),
            Block(kind="paragraph", text="末"),
        ]
    )
    text = Article(url=URL, reader=READER, blocks=blocks).text
    for block in blocks:
        if block.kind == "caption":
            assert block.start is None
            assert block.end is None
        else:
            assert text[block.start : block.end] == block.text


def test_the_migrations_build_the_mapped_tables(archive: Archive) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with archive._engine.connect() as connection:
        # What each database has of its own kind for search is not mapped.
        mapped = {"include_name": lambda name, *_: not (name or "").startswith("search_index")}
        context = MigrationContext.configure(connection, opts=mapped)
        differences = compare_metadata(context, Table.metadata)
        assert differences == []
        assert "captures" in inspect(connection).get_table_names()


@pytest.fixture
def archive_with_rules(open_archive: Opener) -> Archive:
    """An archive whose rules read every stored page as they always did."""
    return open_archive(reread=lambda portal, captures: article())
