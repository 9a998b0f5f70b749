"""The sample articles themselves: what is written by hand and what the generator composes."""

import json
import re
from collections import Counter
from itertools import combinations

import pytest

from tests.site.generator import generate_articles, most_articles, patterns
from tests.site.record import ARTICLES, SampleArticle

MANY = 1000
ADDRESSES = {
    "gov": re.compile(r"https://zcjd\.samples\.example/jiedu/(\d{6})/t\1\d\d_\d+\.html"),
    "paper": re.compile(r"http://paper\.samples\.example/n1/\d{4}/\d{4}/c1024-\d+\.html"),
    "juhe": re.compile(r"http://juhe\.samples\.example/news/\d+\.html"),
}


@pytest.fixture(scope="module")
def written() -> list[SampleArticle]:
    return [
        SampleArticle.from_json(json.loads(path.read_text("utf-8")))
        for path in sorted(ARTICLES.glob("[0-9][0-9]-*.json"))
    ]


@pytest.fixture(scope="module")
def composed() -> list[SampleArticle]:
    return generate_articles(MANY)


def test_twelve_are_written_four_for_each_host(written):
    assert Counter(map(host_of, written)) == {"gov": 4, "paper": 4, "juhe": 4}
    assert len({article.url for article in written}) == 12


def test_written_articles_have_what_real_pages_have(written):
    kinds = {block["kind"] for article in written for block in article.blocks}
    assert kinds == {"paragraph", "heading", "table", "list_item", "caption"}
    assert [a.page_count for a in written if a.page_count > 1] == [3]
    assert [len(a.images) for a in written if a.media_kind == "图解"] == [3]
    assert [len(a.attachments) for a in written if a.attachments] == [2]
    assert [host_of(a) for a in written if a.show.style == "br"] == ["juhe"]
    assert any(
        "王  芳" in (a.show.byline or "") and a.authors == ("王芳", "李建国") for a in written
    )
    assert any(a.blocks[0]["text"].startswith("新华社北京") and not a.byline for a in written)
    assert any(sum(b["text"].startswith("问：") for b in a.blocks) > 3 for a in written)
    assert sum(bool(a.editors) for a in written) >= 4
    assert all("以下简称《" in whole_text(a) for a in written if a.media_kind == "text")


def test_written_pages_and_tables_are_well_formed(written):
    for article in written:
        assert len(article.pages) == article.page_count
        assert all(article.pages)
        captions = {b["text"] for b in article.blocks if b["kind"] == "caption"}
        assert captions == {i["caption"] for i in article.images if i.get("caption")}
        for block in article.blocks:
            if block["kind"] == "table":
                assert len({row.count("\t") for row in block["text"].split("\n")}) == 1


def test_records_are_consistent(written, composed):
    for article in (*written, *composed):
        check_record(article)


def test_composing_again_gives_the_same(composed):
    assert generate_articles(MANY) == composed
    assert generate_articles(30) == composed[:30]


def test_composed_articles_are_all_different(written, composed):
    everything = [*written, *composed]
    assert len({article.url for article in everything}) == len(everything)
    assert len({article.title for article in everything}) == len(everything)
    assert len({whole_text(article) for article in everything}) == len(everything)
    assert max(Counter(map(host_of, composed)).values()) <= MANY // 3 + 1


def test_composed_articles_share_at_most_a_few_sentences(composed):
    holders: dict[str, set[int]] = {}
    for number, article in enumerate(composed):
        for sentence in whole_text(article).split("。"):
            if sentence.strip("”\n"):
                holders.setdefault(sentence.strip("”\n"), set()).add(number)
    shared = Counter(pair for held in holders.values() for pair in combinations(sorted(held), 2))
    assert max(shared.values()) <= 5


def test_composed_articles_have_text_enough(composed):
    for article in composed:
        paragraphs = [b["text"] for b in article.blocks if b["kind"] == "paragraph"]
        headings = [b["text"] for b in article.blocks if b["kind"] == "heading"]
        assert 4 <= len(paragraphs) <= 9
        assert 1 <= len(headings) <= 3
        assert sum(map(len, paragraphs)) >= 300
        assert not re.search(r"[{}]", whole_text(article) + article.title)


def test_there_are_many_patterns_and_an_end_to_the_titles():
    assert len(set(patterns())) >= 120
    with pytest.raises(ValueError, match="titles"):
        generate_articles(most_articles() + 1)


def check_record(article: SampleArticle) -> None:
    """What must hold in every record, whoever wrote it."""
    host = host_of(article)
    assert all(block["text"].strip() == block["text"] != "" for block in article.blocks)
    assert all(len(b["text"]) <= 30 for b in article.blocks if b["kind"] == "heading")
    assert all(
        article.origin is None or article.origin["raw"] not in b["text"] for b in article.blocks
    )
    tagged = re.fullmatch(r"(.+)[(（](.+)[)）]", article.title) if article.column_tag else None
    assert (tagged.groups() if tagged else (article.title, None)) == (
        article.title_main,
        article.column_tag,
    )
    assert article.posted_precision in (("second",) if host == "juhe" else ("minute", "day"))
    assert (article.posted_precision == "day") == article.posted_at.endswith("T00:00:00+08:00")
    assert article.published_at <= article.posted_at
    if article.origin:
        assert host != "gov"
        assert article.published_at == f"{article.origin['date']}T00:00:00+08:00"
        assert (article.published_precision, article.published_basis) == ("day", "origin")
    else:
        assert host == "gov"
        assert article.published_at == article.posted_at
        assert (article.published_precision, article.published_basis) == (
            article.posted_precision,
            "meta",
        )
    if host != "juhe":
        assert article.posted_at[:10].replace("-", "") in re.sub(r"(?<=\d{4})/", "", article.url)
    assert (article.uploader == "创始人") == (host == "juhe")
    shown = article.show.byline or article.byline or ""
    assert " ".join(shown.split()) == (article.byline or "")
    assert "".join(shown.split()) == (article.byline_role or "") + (
        "".join(article.authors) if article.byline else ""
    )


def host_of(article: SampleArticle) -> str:
    """``gov``, ``paper`` or ``juhe``."""
    return next(name for name, form in ADDRESSES.items() if form.fullmatch(article.url))


def whole_text(article: SampleArticle) -> str:
    """All blocks of an article."""
    return "\n".join(block["text"] for block in article.blocks)
