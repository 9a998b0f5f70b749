"""An operator selects what to fetch; what is left out is known and waits."""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.portal import Listing, Portal
from crawler.selection import Selection, select_listings
from storage import Listed
from tests.crawling import Operator
from tests.records import article
from tests.site.server import SampleSite

GOV, PAPER = "zcjd.samples.example", "paper.samples.example"


def listed(date: str | None = "2024-06-04", title: str | None = "数据要素") -> Listed:
    return Listed(url="http://news.example.cn/1.html", title=title, date=date, channel="解读")


@pytest.mark.parametrize(
    ("since", "until", "date", "judgement"),
    [
        ("2024-06-04", None, "2024-06-04", "in"),
        ("2024-06-05", None, "2024-06-04", "out"),
        ("2024-06", "2024-06", "2024年6月30日", "in"),
        ("2024", "2024", "2024.12.31", "in"),
        ("2024", None, "2023/12/31", "out"),
        (None, "2024-12", "2025-01-01", "out"),
        (None, "2024-02", "2024-02-29", "in"),
        ("2024", None, "06-04", "unsure"),
        ("2024", None, None, "unsure"),
        ("2024", None, "昨天", "unsure"),
        ("2024", None, "1717430400000", "in"),
        (None, None, None, "in"),
        ("", "", None, "in"),
    ],
)
def test_a_date_decides(
    since: str | None, until: str | None, date: str | None, judgement: str
) -> None:
    assert Selection.parse(since, until).judge(listed(date)) == judgement


@pytest.mark.parametrize(
    ("match", "title", "judgement"),
    [
        ("数据", "数据要素怎样流通", "in"),
        ("养老|数据", "养 老　服务", "in"),
        ("AI", "ai 赋能", "in"),
        ("养老", "数据要素怎样流通", "out"),
        ("养老", "推进城市全域数字化转型…", "unsure"),
        ("养老", "推进城市全域数字化转...", "unsure"),
        ("养老", None, "unsure"),
    ],
)
def test_a_title_decides_when_it_is_whole(match: str, title: str | None, judgement: str) -> None:
    assert Selection.parse(match=match).judge(listed(title=title)) == judgement


def test_what_was_fetched_unsure_is_judged_by_its_page() -> None:
    assert Selection.parse("2026-03-01", "2026-03-01", "数据").has(article())
    assert not Selection.parse("2026-03-02").has(article())
    assert not Selection.parse(match="养老").has(article())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"since": "yesterday"}, "-a since=yesterday: give a day as 2024-03-01"),
        ({"since": "2024-13"}, "no such day"),
        ({"until": "2024-02-30"}, "no such day"),
        ({"since": "2024-1-1x"}, "give a day"),
        ({"since": "2025", "until": "2024"}, "nothing lies between"),
        ({"match": " "}, "give a word"),
        ({"match": "数据|"}, "give a word"),
    ],
)
def test_wrong_words_say_how_to_write_them(arguments: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        Selection.parse(**arguments)


def test_a_listing_is_past_when_all_it_shows_is_older() -> None:
    selection = Selection.parse(since="2024-06")
    assert selection.is_past([listed("2024-05-31"), listed("2023-01-01")])
    assert not selection.is_past([listed("2024-05-31"), listed(None)])
    assert not selection.is_past([listed("2024-06-01"), listed("2023-01-01")])
    assert not selection.is_past([])
    assert not Selection().is_past([listed("1999-01-01")])


def test_a_channel_selects_listings_and_a_wrong_one_names_them() -> None:
    listings = tuple(
        Listing(f"http://x.cn/{n}", channel=channel) for n, channel in enumerate("甲乙甲")
    )
    portal = Portal(name="x", title="x", hosts=("x.cn",), listings=listings, article_url=".")
    assert select_listings(portal, "甲") == (listings[0], listings[2])
    assert select_listings(portal, None) == listings
    with pytest.raises(ValueError, match="x has the channels 甲、乙"):
        select_listings(portal, "丙")


def test_a_newspapers_issues_are_asked_for_by_their_day() -> None:
    paper = Listing("http://x.cn/{date:%Y%m/%d}/node.html", kind="newspaper",
                    since=dt.date(2024, 1, 1))  # fmt: skip
    selection = Selection.parse(since="2024-06", until="2024-06")
    assert selection.wants_issue(paper, "http://x.cn/layout/202406/04/node_01.html")
    assert not selection.wants_issue(paper, "http://x.cn/layout/202405/31/node_01.html")
    assert selection.wants_issue(Listing("http://x.cn/202405/31/"), "http://x.cn/202405/31/")


# -- while crawling -------------------------------------------------------------------------------


@pytest.fixture
def site() -> Iterator[SampleSite]:
    with SampleSite(articles=15) as running:
        yield running


@pytest.fixture
def operator(site: SampleSite, tmp_path: Path) -> Operator:
    return Operator(site=site, archive_url=f"sqlite:///{tmp_path / 'archive.db'}", folder=tmp_path)


def test_only_selected_articles_are_fetched_and_the_others_are_known(operator: Operator) -> None:
    site, urls = operator.site, operator.site.articles(GOV)
    days = {url: site.expected(url)["posted_at"][:10] for url in urls}
    since = sorted(days.values())[-2]
    wanted = [url for url in urls if days[url] >= since]
    crawled = operator.crawl("samples_gov", "-a", f"since={since}", "-a", "pages=all")
    assert crawled.status == 0, crawled.output + crawled.errors
    asked = [r.path for r in site.requests]
    assert {u for u in urls if u.partition(GOV)[2] in asked} == set(wanted)
    assert site.listings(GOV)[-1].partition(GOV)[2] not in asked  # older pages were not needed
    assert "not in the selection" in crawled.output
    with operator.archive() as archive:
        whole, listing = archive.coverage("samples_gov")
        assert listing.total.archived == len(wanted)
        assert listing.total.left_out == listing.total.seen - len(wanted) > 0
        assert whole.months[0][0] == max(days.values())[:7]
        assert archive.pending_urls("samples_gov") == []
    operator.crawl("samples_gov")
    with operator.archive() as archive:
        (whole, _) = archive.coverage()
        assert (whole.total.archived, whole.total.left_out) == (len(urls), 0)


def test_a_word_and_a_channel_select(operator: Operator) -> None:
    titles = [operator.site.expected(url)["title"] for url in operator.site.articles(PAPER)]
    word = titles[0][:4]
    crawled = operator.crawl("samples_paper", "-a", f"match={word}", "-a", "channel=时政解读")
    matching = [title for title in titles if word in title]
    assert crawled.status == 0, crawled.output + crawled.errors
    assert f"{len(matching)} new" in crawled.output


@pytest.mark.parametrize(
    ("argument", "says"),
    [
        ("since=last week", "give a day"),
        ("channel=体育", "the channels 政策解读"),
        ("sinse=2024", "there is no such argument; a portal takes pages"),
        ("recheck=maybe", "give 1 or 0"),
        ("pages=0", "number of listing pages"),
    ],
)
def test_wrong_arguments_are_wrong_usage(operator: Operator, argument: str, says: str) -> None:
    crawled = operator.crawl("samples_gov", "-a", argument)
    assert crawled.status == 2
    assert says in crawled.errors
    assert operator.site.requests == []


def test_a_crawl_prints_its_coverage_and_jiedu_counts_it(operator: Operator) -> None:
    failing = operator.site.articles(GOV)[0]
    operator.site.fail(failing, 500)
    count = len(operator.site.articles(GOV))
    crawled = operator.crawl("samples_gov")
    assert f"{count} seen, {count - 1} archived, 0 waiting, 1 failed" in crawled.output
    counted = operator.jiedu("coverage", "--months")
    assert counted.status == 0, counted.errors
    month = operator.site.expected(failing)["posted_at"][:7]
    assert re.search(rf"samples_gov\s+{count}\s+{count - 1}\s+0\s+1\s+0", counted.output)
    assert re.search(rf"{month}\s+1\s+0\s+0\s+1\s+0", counted.output)
    assert "nothing has been listed" in operator.jiedu("coverage", "--portal", "people").output
