"""The founding article gives exactly what a person read in it; so does one of our own like it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from crawler.extract import extract
from crawler.extract.policy import read_policy
from storage import Article
from tests.policy_article import DOCUMENT, make_article, mark
from tests.seed_pages import SEED, compose_page

URL = "https://news.example.cn/news/123.html"
PAGES = 12
CODES = {"上海普陀区": "310107", "浙江杭州钱塘区": "330114", "重庆": "500000"}
needs_seed = pytest.mark.skipif(
    not SEED.is_dir(), reason=f"the seed article is not at {SEED.name}/ beside the checkout"
)


def _expected() -> dict[str, Any]:
    record: dict[str, Any] = json.loads((SEED / "expected.json").read_text("utf-8"))
    return record


def found_in_seed(article: Article) -> dict[str, Any]:
    """The entities in the form of ``expected.json``; widths as the seed has them."""
    policy, text = article.policy, article.text
    (act,) = policy.acts
    full = {n: c.title for n, c in enumerate(policy.citations)}
    return {
        "issuers": [issuer.name for issuer in act.issuers],
        "issuing_verb": act.verb,
        "docs": [[c.kind, c.title, c.doc_type, c.start, c.end] for c in policy.citations],
        "aliases": {s.name: full[s.citation] for s in policy.short_names if s.citation is not None},
        "officials": {
            o.name: {"org": o.organisation, "posts": list(o.posts), "start": o.start, "end": o.end}
            for o in policy.officials
        },
        "speech_counts": {
            o.name: sum(s.speaker == o.name for s in policy.statements) for o in policy.officials
        },
        "quotes": [
            [_narrow(s.text[:26]), len(s.text), s.start]
            for s in policy.statements
            if s.kind == "direct"
        ],
        "targets": [["到", str(t.year), None, _narrow(t.goal), t.start] for t in policy.targets],
        "docnos": [n.number for n in policy.numbers if n.kind == "number"],
        "orders": [n.number for n in policy.numbers if n.kind == "order"],
        "regions": [[text[r.start : r.end], r.start] for r in policy.regions],
    }


def _narrow(text: str) -> str:
    return text.translate(str.maketrans("，（）：；？！", ",():;?!"))


@needs_seed
@pytest.mark.parametrize("number", range(PAGES))
def test_the_seed_gives_exactly_what_is_expected(number: int) -> None:
    article = extract(compose_page(number).bytes, url=URL)
    expected = _expected()
    found = found_in_seed(article)
    assert found == {name: expected[name] for name in found}
    assert [r.code for r in article.policy.regions] == [
        CODES[r.name] for r in article.policy.regions
    ]


@needs_seed
def test_the_seed_interprets_its_document_as_a_newspaper_does() -> None:
    article = extract(compose_page(3).bytes, url=URL)
    (interpreted,) = article.policy.interprets
    assert interpreted.title == article.policy.citations[0].title
    assert set(interpreted.evidence) == {"issued", "alias", "mentions"}
    assert article.interpretation_type == "media"  # 人民日报's own 政策解读
    assert article.policy.hops == ()


def test_an_article_like_the_seed_is_read_exactly() -> None:
    article = make_article()
    policy = read_policy(article)
    (act,) = policy.acts
    assert [i.canonical for i in act.issuers] == ["国家数据局", "国家发展和改革委员会", "司法部"]
    assert (act.verb, act.is_joint, act.is_incomplete) == ("印发", True, False)
    document, *short = policy.citations
    assert (document.title, document.doc_type) == (DOCUMENT, "实施意见")
    assert (document.start, document.end) == mark(article, f"《{DOCUMENT}》")
    assert document.number == "国数政策〔2026〕15号"
    assert [(c.start, c.end, c.document) for c in short] == [
        (*mark(article, "《实施意见》", nth), 0) for nth in range(3)
    ]
    assert [(o.name, o.organisation, o.posts) for o in policy.officials] == [
        ("程望北", "国家数据局", ("局长",)),
        ("沈溪亭", "国家数据局", ("党组成员", "副局长")),
        ("纪清和", "国家数据局政策规划司", ("司长",)),
    ]
    said = [(s.kind, s.speaker, s.start) for s in policy.statements]
    assert said == [
        ("direct", "程望北", mark(article, "“数据通了")[0]),
        ("reported", "沈溪亭", mark(article, "《实施意见》明确了")[0]),
        ("reported", "纪清和", mark(article, "要守住")[0]),
        ("direct", "沈溪亭", mark(article, "“目录清楚了")[0]),
        ("reported", "沈溪亭", mark(article, "下一步")[0]),
    ]
    assert policy.statements[0].text == "数据通了,事情才好办;‘一表通办’不是口号,是承诺。"
    assert [(t.year, t.clauses) for t in policy.targets] == [
        (2027, ("高频事项全部实现“免证办”", "群众满意度达到95%以上")),
        (2030, ("全国一体化政务数据体系全面建成",)),
    ]
    assert [(q.value, q.unit) for t in policy.targets for q in t.quantities] == [("95", "%")]
    assert {r.name: r.code for r in policy.regions} == CODES
    assert [i.citation for i in policy.interprets] == [0]


def test_the_entities_stay_out_of_the_digest() -> None:
    from storage import content_digest

    article = make_article()
    with_entities = replace(article, policy=read_policy(article))
    assert with_entities != article
    assert content_digest(with_entities) == content_digest(article)
