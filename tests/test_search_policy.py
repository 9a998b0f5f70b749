"""Search by agency, document, official, region and type goes by the current reading's entities."""

from dataclasses import replace

import pytest

from crawler.extract.policy import read_policy
from storage import (
    Archive,
    Article,
    ArticleNotFound,
    DocumentNotFound,
    Query,
    QueryError,
)
from tests.policy_article import DOCUMENT, make_article
from tests.records import capture

OTHER = "https://www.example.cn/other/2.html"


def read(*paragraphs: str, url: str | None = None, reader: str = "3+test") -> Article:
    found = make_article(*paragraphs, **({"url": url, "title": "另一篇"} if url else {}))
    found = replace(found, portal="example", reader=reader)
    return replace(found, policy=read_policy(found))


@pytest.fixture
def filled(archive: Archive) -> Archive:
    """The interpretation, and an article of two versions that names other things."""
    archive.add([capture(url=read().url)], read())
    first = read("在上海黄浦区，民政部副部长江小波表示，要推广试点。", url=OTHER)
    archive.add([capture(b"1", url=OTHER, minute=1)], first)
    second = read("在江苏省苏州市，民政部副部长江小波表示，要推广试点。", url=OTHER)
    archive.add([capture(b"2", url=OTHER, minute=2)], second)
    return archive


# Words, the articles whose latest version fits, and those of which any version does.
FIELDS = (
    ("agency:国家数据局", {1}, {1}),
    ("agency:国家发展改革委", {1}, {1}),  # as written
    ("agency:国家发展和改革委员会", {1}, {1}),  # by its official name
    ("agency:国家发展", set(), set()),
    ("official:沈溪亭", {1}, {1}),
    ("official:江小波", {2}, {2}),
    ("official:沈溪亭 OR official:江小波", {1, 2}, {1, 2}),
    (f'document:"{DOCUMENT}"', {1}, {1}),
    ("document:《关于推进政务数据共享提升办事效率的实施意见》", {1}, {1}),
    ("document:国数政策[2026]15号", {1}, {1}),
    ("document:1", {1}, {1}),
    ("document:没有的办法 OR document:99", set(), set()),
    ("NOT document:没有的办法", {1, 2}, {1, 2}),
    ("region:310107", {1}, {1}),
    ("region:310000", {1}, {1, 2}),
    ("region:31", {1}, {1, 2}),
    ("region:上海市", {1}, {1, 2}),
    ("region:上海", {1}, {1, 2}),
    ("region:普陀区", {1}, {1}),
    ("region:上海市黄浦区", set(), {2}),
    ("region:浙江省/杭州市", {1}, {1}),
    ("region:3301", {1}, {1}),
    ("region:江苏省", {2}, {2}),
    ("NOT region:江苏省", {1}, {1}),
    ("region:3 OR region:100000000000 OR region:_", set(), set()),
    ("type:official", {1}, {1}),
    ("NOT type:official", {2}, {2}),
    ("changed:yes", {2}, {2}),
    ("changed:no", {1}, {1}),
    ("region:上海市 region:江苏省", set(), {2}),  # each in a version of its own
)


def test_fields(filled: Archive) -> None:
    found = [
        (
            words,
            set(filled.search(words).article_ids()),
            set(filled.search(Query(words, versions="all")).article_ids()),
        )
        for words, _, _ in FIELDS
    ]
    assert found == list(FIELDS)


def test_facets_count_an_article_once_for_each_value(filled: Archive) -> None:
    facets = filled.search("").facets("type", "agency", "region")
    assert facets["type"] == {"official": 1, None: 1}
    agencies = {"国家数据局": 1, "国家发展和改革委员会": 1, "司法部": 1}
    assert facets["agency"] == agencies
    assert facets["region"] == {
        "上海市": 1, "上海市/普陀区": 1, "江苏省": 1, "江苏省/苏州市": 1, "浙江省": 1,
        "浙江省/杭州市": 1, "浙江省/杭州市/钱塘区": 1, "重庆市": 1,
    }  # fmt: skip
    for name in ("type", "agency", "region"):
        for value, number in facets[name].items():
            assert value is None or filled.search(f"{name}:{value}").count() == number
    assert filled.search("region:江苏省").facets("agency", "region") == {
        "agency": {},
        "region": {"江苏省": 1, "江苏省/苏州市": 1},
    }
    with pytest.raises(QueryError, match="no facet"):
        filled.search("").facets("title")


def test_a_new_reading_and_a_withdrawal_change_what_is_named(filled: Archive) -> None:
    filled.add_reading(1, replace(read(reader="4+test"), policy=read("无。").policy))
    assert filled.search(Query("official:沈溪亭", versions="all")).count() == 0
    filled.withdraw(2, "personal data", by="an archivist")
    assert filled.search("").facets("agency", "region") == {"agency": {}, "region": {}}
    assert filled.search(Query("official:江小波", versions="all")).count() == 0


def test_documents_are_found_by_a_part_of_their_title_or_number(archive: Archive) -> None:
    law, view, plan = (
        "中华人民共和国数据安全法",
        "国务院办公厅关于推进“AI+”行动的意见",
        "示例省养老规划",
    )
    archive.add([capture(url=read().url)], read(f"近日出台《{law}》《{view}》《{plan}》。"))
    titles = {document.title for document in archive.documents()}
    assert titles == {law, view, plan}
    for part, found in (
        ("人民共和国", {law}),
        (f"《{law}》", {law}),
        ("数据安全法", {law}),
        ("国务院办公厅关于", {view}),
        ("关于推进AI+行动的意见", {view}),
        ("ai", {view}),
        ("Ａｉ＋", {view}),
        ("养老", {plan}),
        ("国务院办公厅关于推进AI＋行动的意见", {view}),
        *((mark, set()) for mark in ("%", "_", "?", "-", "《》", "\\", "\ud800", "x" * 5000)),
    ):
        assert {document.title for document in archive.documents(part)} == found, part
    assert len(archive.documents(limit=10**20)) == 3


def test_odd_values_find_nothing(filled: Archive) -> None:
    digits = "1" * 5000
    for name in ("agency", "document", "official", "region"):
        for value in ("\ud800", digits, "%"):
            assert filled.search(Query(**{name: value})).count() == 0, (name, value[:9])
    with pytest.raises(DocumentNotFound):
        filled.document(digits)
    with pytest.raises(ArticleNotFound):
        filled.article(digits)
    assert filled.article("0" * 30 + "1").id == filled.article(1).id
    with pytest.raises(ArticleNotFound):
        filled.article("0" * 19 + "1" + "0" * 30)


def test_numbers_out_of_a_data_frame_name_articles_and_documents(filled: Archive) -> None:
    frame = filled.search(Query(sort="oldest")).to_pandas()
    for number in frame["article_id"]:
        assert filled.article(number).url in set(frame["url"])
        assert filled.cite(number).version >= 1
    assert filled.document(frame["article_id"].min()).summary.id == 1


def test_values_of_another_type_are_refused_or_taken_for_one(filled: Archive) -> None:
    assert filled.search(Query(words="副部长")).count() == 1
    assert filled.search(Query(words="副长")).count() == 0  # one word, not two
    for name in ("gone", "changed"):
        with pytest.raises(QueryError, match=f"{name} is 'no'; it can be True or False"):
            Query(**{name: "no"})
    assert len(filled.search(Query()).page(10**20).hits) == 2
