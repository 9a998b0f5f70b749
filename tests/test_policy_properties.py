"""What holds for any text: offsets slice back; widths and indents change nothing."""

from dataclasses import fields
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extract.policy import read_policy
from crawler.extract.policy.view import fold
from storage import Article
from storage.entities import PolicyEntities
from tests.policy_article import make_article
from tests.policy_gold import HALVES, read_half

LINES = [line for half in HALVES for p in read_half(half) for line in p.text.splitlines()]
WIDE = str.maketrans(",():;?!%", "，（）：；？！％")
PIECES = st.sampled_from(
    """
    《 》 〈 〉 “ ” ‘ ’ ( ) （ ） 〔2024〕 12号 令第5号 公告 印发 发布
    （以下简称《意见》） 财政部 国家数据局 浙江省 杭州市 鼓楼区 局长 副司长 张三丰 表示，
    说。 到2027年， 95%， 意见 通知 办法 、 ， 。 等四部门 有关负责人 新华社北京1月2日电
    在会上
    """.split()  # noqa: SIM905 - a list of a hundred quotes is hard to read
)
texts = st.lists(
    st.one_of(st.sampled_from(LINES), st.lists(PIECES, max_size=25).map("".join)), max_size=4
)


def _surfaces(article: Article, policy: PolicyEntities) -> list[tuple[str, str]]:
    """Every entity as (kind, words of the text it stands on), folded."""
    found = []
    for field in fields(policy):
        for record in getattr(policy, field.name):
            if hasattr(record, "start"):
                found.append((field.name, fold(article.text[record.start : record.end]).strip()))
    return found


def _parts(policy: PolicyEntities) -> list[Any]:
    inner = [issuer for act in policy.acts for issuer in act.issuers]
    return inner + [quantity for target in policy.targets for quantity in target.quantities]


@settings(max_examples=250, deadline=None)
@given(texts)
def test_every_offset_slices_back_to_the_words(paragraphs: list[str]) -> None:
    article = make_article(*(paragraphs or [""]))
    policy, text = read_policy(article), article.text
    assert all(text[c.start : c.end][1:-1].strip() == c.title for c in policy.citations)
    assert all(text[s.start : s.end] == s.name for s in policy.short_names)
    assert all(text[i.start : i.end] == i.name for act in policy.acts for i in act.issuers)
    assert all(text[o.start : o.end].endswith(o.name) for o in policy.officials)
    assert all(text[r.start : r.end] == r.name for r in policy.regions)
    assert all(text[t.start : t.end].endswith(t.goal) for t in policy.targets)
    for statement in policy.statements:
        said = text[statement.start : statement.end]
        assert (said[1:-1] if statement.kind == "direct" else said) == statement.text
    for target in policy.targets:
        for quantity in target.quantities:
            assert text[quantity.start : quantity.end].startswith(quantity.value)
    for field in fields(policy):
        for record in getattr(policy, field.name):
            if hasattr(record, "block"):
                block = article.blocks[record.block]
                assert block.start is not None
                assert block.start <= record.start < record.end <= (block.end or 0)
    assert all(0 <= p.start < p.end <= len(text) for p in _parts(policy))


@settings(max_examples=150, deadline=None)
@given(texts)
def test_width_changes_no_entity(paragraphs: list[str]) -> None:
    narrow = make_article(*([fold(p) for p in paragraphs] or [""]))
    wide = make_article(*([fold(p).translate(WIDE) for p in paragraphs] or [""]))
    assert _surfaces(narrow, read_policy(narrow)) == _surfaces(wide, read_policy(wide))


@settings(max_examples=150, deadline=None)
@given(texts)
def test_indents_change_no_entity(paragraphs: list[str]) -> None:
    plain = make_article(*([p.strip() for p in paragraphs] or [""]))
    indented = make_article(*(["\u3000\u3000" + p.strip() for p in paragraphs] or [""]))
    assert _surfaces(plain, read_policy(plain)) == _surfaces(indented, read_policy(indented))


@settings(max_examples=100, deadline=None)
@given(texts)
def test_text_without_title_marks_names_no_document(paragraphs: list[str]) -> None:
    article = make_article(*([p.replace("《", "") for p in paragraphs] or [""]))
    policy = read_policy(article)
    assert policy.citations == policy.interprets == policy.acts == ()
