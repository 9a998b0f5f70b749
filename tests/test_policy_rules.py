"""Single rules of the policy reading, each by the case that asked for it."""

import datetime as dt
from dataclasses import replace

import pytest

from crawler.extract import join_pages
from crawler.extract.policy import read_policy
from crawler.extract.policy.agencies import CANONICAL
from crawler.extract.policy.agency_table import BODIES
from crawler.extract.policy.gazetteer import BY_CODE
from crawler.extract.policy.title_kinds import document_type, is_generic, title_kind
from storage import SHANGHAI
from storage.document_key import fold_number, match_key
from storage.interpretation import interpretation_type
from tests.policy_article import make_article

# Codes as the table of the Ministry of Civil Affairs gives them.
CODES = {
    "110000": ("北京市", "北京"),
    "150000": ("内蒙古自治区", "内蒙古"),
    "310107": ("普陀区", "普陀"),
    "330114": ("钱塘区", "钱塘"),
    "330903": ("普陀区", "普陀"),
    "422800": ("恩施土家族苗族自治州", "恩施"),
    "500000": ("重庆市", "重庆"),
    "522300": ("黔西南布依族苗族自治州", "黔西南"),
    "654000": ("伊犁哈萨克自治州", "伊犁"),
}


@pytest.mark.parametrize("code", CODES)
def test_the_gazetteer_knows_codes_and_short_names(code: str) -> None:
    assert (BY_CODE[code].name, BY_CODE[code].short) == CODES[code]


def test_the_gazetteer_is_whole() -> None:
    levels = [division.level for division in BY_CODE.values()]
    assert levels.count("province") == 34
    assert levels.count("city") > 330
    assert levels.count("county") > 2_800
    assert BY_CODE["330114"].full_name == "浙江省/杭州市/钱塘区"


def test_every_year_of_a_body_has_its_source() -> None:
    """A year without a source is a guess; an unknown year is ``None``."""
    for body in BODIES:
        assert (body.since is None) == (body.since_source is None), body.name
        assert (body.until is None) == (body.until_source is None), body.name
    names = [name for body in BODIES for name in (body.name, *body.aliases.split())]
    assert len(names) == len(set(names)) == len(CANONICAL)


@pytest.mark.parametrize(
    ("title", "kind", "doc_type"),
    [
        ("关于促进消费的若干措施", "document", "措施"),
        ("数字中国建设整体布局规划（2024—2027年）", "document", "规划"),
        ("网络数据管理条例（征求意见稿）", "document", "条例"),
        ("中华人民共和国数据安全法", "document", "法"),
        ("孙子兵法", "work", None),
        ("出师令", "document", "令"),
        ("第三个节令", "work", None),
        ("人民日报", "medium", None),
        ("红楼梦", "work", None),
    ],
)
def test_titles_are_told_apart_by_their_last_word(
    title: str, kind: str, doc_type: str | None
) -> None:
    assert title_kind(title) == (kind, doc_type)


def test_a_bare_type_is_generic_and_a_law_is_not() -> None:
    assert all(map(is_generic, ("意见", "若干措施", "实施方案", "管理办法", "意见（征求意见稿）")))
    assert not any(map(is_generic, ("预算法", "节约用水条例", "中华人民共和国宪法")))
    assert document_type("意见（试行）") == "意见"


def test_all_spellings_of_a_title_share_a_key() -> None:
    spellings = (
        "国务院关于加强监管　防范风险的若干意见",
        "关于加强监管 防范风险的若干意见",
        "关于加强监管、防范风险的若干意见",
    )
    assert len({match_key(spelling) for spelling in spellings}) == 1
    assert match_key("中华人民共和国预算法") == match_key("预算法")
    assert match_key("办法（试行）") != match_key("办法")


def test_typed_numbers_fold_to_the_canonical_form() -> None:
    assert fold_number("国办发[2017] 47号") == "国办发〔2017〕47号"
    assert fold_number("国办发（2017）047号") == "国办发〔2017〕47号"
    assert fold_number("关于数据的意见") is None


def test_a_wire_head_takes_the_year_nearest_to_publication() -> None:
    head = "新华社北京12月31日电（记者林晚照）新年将至。"
    article = replace(make_article(head), published_at=dt.datetime(2026, 1, 2, tzinfo=SHANGHAI))
    (hop,) = read_policy(article).hops
    assert (hop.outlet, hop.place, hop.reporters) == ("新华社", "北京", ("林晚照",))
    assert hop.date == dt.date(2025, 12, 31)
    (undated,) = read_policy(make_article(head)).hops
    assert (undated.date, undated.month_day) == (None, "12-31")


def test_a_year_before_publication_is_no_target() -> None:
    text = "规划提出，到2020年，覆盖率达到90%。到2030年，覆盖率达到100%。"
    article = make_article(text)
    assert [t.year for t in read_policy(article).targets] == [2020, 2030]
    dated = replace(article, published_at=dt.datetime(2026, 1, 2, tzinfo=SHANGHAI))
    assert [t.year for t in read_policy(dated).targets] == [2030]


@pytest.mark.parametrize("word", ["预计", "有望", "据测算，"])
def test_a_forecast_is_no_target(word: str) -> None:
    assert read_policy(make_article(f"{word}到2030年，需求量将达到4500万辆。")).targets == ()
    assert read_policy(make_article(f"到2030年，需求量{word}达到4500万辆。")).targets == ()


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("财政部就《资产管理办法》答记者问。", ("said",)),
        ("近日，财政部印发《资产管理办法》，自7月起施行。", ("issued",)),
        ("会议还提到了《资产管理办法》。", None),
    ],
)
def test_what_is_interpreted_needs_evidence(text: str, evidence: tuple[str, ...] | None) -> None:
    found = read_policy(make_article(text, title="资产怎样管(政策解读)")).interprets
    assert [i.evidence for i in found] == ([evidence] if evidence else [])


def test_a_private_person_is_never_an_official() -> None:
    text = "李先生说，方便多了。研究所所长高某表示，药到病除。业主王女士介绍，电梯已装好。"
    policy = read_policy(make_article(text))
    assert policy.officials == policy.statements == ()


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"title": "一图读懂数据条例"}, "图解"),
        ({"channel": "专家解读"}, "expert"),
        ({"url": "https://www.example.cn/zjjd/1.html"}, "expert"),
        ({"channel": "政策解读"}, "official"),
        ({"channel": "政策解读", "is_print": True}, "media"),
        ({"title": "国新办举行新闻发布会"}, "发布会"),
        ({"title": "司法部答记者问", "channel": "政策解读"}, "答记者问"),
        ({"is_graphic": True}, "图解"),
        ({"title": "天气转凉"}, None),
    ],
)
def test_the_type_comes_from_channel_headline_and_address(
    fields: dict[str, object], kind: str | None
) -> None:
    said: dict[str, object] = {
        "title": None, "column_tag": None, "channel": None, "url": "https://www.example.cn/1.html",
        "is_graphic": False, "is_print": False,
    }  # fmt: skip
    assert interpretation_type(**(said | fields)) == kind  # type: ignore[arg-type]


def test_pages_joined_to_one_article_are_read_as_one() -> None:
    first = make_article("财政部印发《资产管理办法》（以下简称《办法》）。")
    second = make_article("《办法》共五章。", title=first.title)
    pages = [replace(page, policy=read_policy(page)) for page in (first, second)]
    assert pages[1].policy.citations[0].document is None
    joined = join_pages(pages)
    assert [c.kind for c in joined.policy.citations] == ["document", "alias", "alias"]
    assert joined.policy.citations[2].document == 0


def test_a_title_without_its_tail_is_the_one_with_it() -> None:
    article = make_article(
        "近日，省数据局印发《数据授权管理办法》，对《数据授权管理办法（试行）》（样数规〔2025〕3号）作出修改。",
        "《数据授权管理办法》共五章。《产业方案》和《产业方案（2025年）》《产业方案（2026年）》并存。",
        title="《数据授权管理办法》解读",
    )
    policy = read_policy(article)
    short, full, again, plan, first, second = policy.citations
    assert (short.key, short.document) == (None, 1)
    assert (full.key, full.number, full.act) == ("数据授权管理办法试行", "样数规〔2025〕3号", 0)
    assert again.document == 1
    assert plan.document is None  # two could be meant
    assert first.key != second.key
    (subject,) = policy.interprets
    assert (subject.title, subject.citation) == ("数据授权管理办法（试行）", 1)
    assert subject.evidence[0] == "title"


def test_a_full_width_comma_parts_numbers_and_an_ascii_one_groups_digits() -> None:
    text = "到2030年，覆盖率提高至88.4，238个县建成1,200个中心，300家企业达标。"
    (target,) = read_policy(make_article(text)).targets
    quantities = [(quantity.value, quantity.unit) for quantity in target.quantities]
    assert quantities == [("238", "个"), ("1,200", "个"), ("300", "家")]
    assert target.clauses == ("覆盖率提高至88.4", "238个县建成1,200个中心", "300家企业达标")
