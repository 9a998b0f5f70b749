"""Blocks: kinds, order, normalisation, offsets."""

import pytest

from crawler.extract import extract
from storage import Article
from tests.article_pages import LONG, PARAGRAPHS, TITLE, URL, page, paragraphs


def blocks(body: str) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in extract(page(body), url=URL).blocks]


def read(body: str) -> Article:
    return extract(page(body), url=URL)


def test_white_space_is_collapsed_and_characters_stay_as_written() -> None:
    body = "<p>　　①公共数据，增长１０％…\u200b面积５㎡&nbsp;&emsp;\n 王\u3000敏。</p>"
    body += f"{paragraphs()}"
    assert blocks(body)[0] == ("paragraph", "①公共数据，增长１０％…面积５㎡ 王 敏。")


def test_line_breaks_separate_paragraphs() -> None:
    body = "<div>" + "<br><br>".join(f"　　{text}" for text in PARAGRAPHS) + "</div>"
    assert blocks(body) == [("paragraph", text) for text in PARAGRAPHS]


def test_lists_quotes_and_headings_keep_their_kind_and_order() -> None:
    body = (
        f"<h2>一、总体要求</h2><p>{PARAGRAPHS[0]}</p><ul><li>健全数据目录，明确责任单位；</li>"
        f"<li><p>加强安全管理，保护个人信息。</p></li></ul><blockquote>{PARAGRAPHS[1]}</blockquote>"
        f"<p>{PARAGRAPHS[2]}</p>"
    )
    article = read(body)
    assert [(block.kind, block.level) for block in article.blocks] == [
        ("heading", 2),
        ("paragraph", None),
        ("list_item", None),
        ("list_item", None),
        ("quote", None),
        ("paragraph", None),
    ]


def test_a_data_table_is_one_block_of_rows_and_tabs() -> None:
    table = (
        "<table><tr><th>地区</th><th>数量（个）</th></tr><tr><td>甲市</td><td>1,024</td></tr>"
        "<tr><td>乙　市</td><td>87</td></tr></table>"
    )
    found = blocks(f"<p>{PARAGRAPHS[0]}</p>{table}<p>{PARAGRAPHS[1]}</p>")
    assert found[1] == ("table", "地区\t数量（个）\n甲市\t1,024\n乙 市\t87")
    assert [kind for kind, _ in found] == ["paragraph", "table", "paragraph"]


def test_short_lines_between_paragraphs_are_headings() -> None:
    body = (
        f"<p>{PARAGRAPHS[0]}</p><p>数据目录更加清晰</p><p>{PARAGRAPHS[1]}</p>"
        f"<p><strong>下一步怎么做？看这三点</strong></p><p>{PARAGRAPHS[2]}</p>"
    )
    assert [kind for kind, _ in blocks(body)] == [
        "paragraph",
        "heading",
        "paragraph",
        "heading",
        "paragraph",
    ]


def test_several_short_lines_in_a_row_are_no_headings() -> None:
    schools = paragraphs(("甲市第一中学", "乙市第二中学", "丙市第三中学"))
    body = f"<p>{PARAGRAPHS[0]}</p>{schools}{paragraphs()}"
    assert {kind for kind, _ in blocks(body)} == {"paragraph"}


def test_a_signature_at_the_end_is_no_heading() -> None:
    found = blocks(f"{paragraphs()}<p>示例部办公厅</p>")
    assert found[-1] == ("paragraph", "示例部办公厅")


def test_offsets_point_into_the_text() -> None:
    article = read(f"<p>{PARAGRAPHS[0]}</p><p><img src='/a.jpg'></p><p>▲资料图</p>{paragraphs()}")
    assert [block.kind for block in article.blocks].count("caption") == 1
    for block in article.blocks:
        if block.kind == "caption":
            assert (block.start, block.end) == (None, None)
        else:
            assert article.text[block.start : block.end] == block.text


def test_scripts_and_players_are_no_text() -> None:
    noise = "<script>var a='不是正文';</script><style>p{}</style><noscript>请打开脚本</noscript>"
    assert blocks(f"{noise}{paragraphs()}<select><option>全部</option></select>") == [
        ("paragraph", text) for text in PARAGRAPHS
    ]


@pytest.mark.parametrize("opened", ["<a href='/more'>", "<a href='/more' class='more'>更多"])
def test_text_after_a_link_that_is_never_closed_is_text(opened: str) -> None:
    article = read(f"<div>{opened}{paragraphs(LONG)}</div>")
    assert [block.text for block in article.blocks if block.text in LONG] == list(LONG)
    assert article.links == ()


def test_a_link_around_a_few_short_lines_is_a_card() -> None:
    card = "<a href='/x'><p>另一地的消息</p><p>编辑推荐的短讯</p><p>点此阅读</p></a>"
    assert blocks(paragraphs(LONG) + card) == [("paragraph", text) for text in LONG]


@pytest.mark.parametrize(
    "form",
    [
        "<title>{title}_示例政策网</title><h1>{title}</h1>{body}",
        "<html><title>{title}</title><h1>{title}</h1><div>{body}</div></html>",
        "<body><h1>{title}</h1>{body}",
        "<h1>{title}</h1>{body}</body></html>",
        "{body}<title>{title}</title>",
    ],
)
def test_pages_without_head_or_body_tags_are_read(form: str) -> None:
    article = extract(form.format(title=TITLE, body=paragraphs(LONG)), url=URL)
    assert article.title == TITLE
    assert article.text == "\n".join(LONG)


def test_bare_text_without_any_tag_is_read() -> None:
    assert extract("".join(LONG), url=URL).text == "".join(LONG)


@pytest.mark.parametrize("tag", ["x-block", "uni-view", "section", "center", "dd", "fieldset"])
def test_elements_nobody_knows_begin_lines_of_their_own(tag: str) -> None:
    body = "".join(f"<{tag}>{text}</{tag}>" for text in LONG)
    assert read(f"<div>{body}</div>").text == "\n".join(LONG)


@pytest.mark.parametrize("tag", ["span", "font", "em", "b", "o:p", "st1:chsdate", "ins", "time"])
def test_inline_elements_do_not_part_a_paragraph(tag: str) -> None:
    body = "".join(f"<p>{text[:9]}<{tag}>{text[9:12]}</{tag}>{text[12:]}</p>" for text in LONG)
    assert read(body).text == "\n".join(LONG)


def test_an_image_in_a_sentence_does_not_part_it() -> None:
    body = f"<p>{LONG[0][:12]}<img src='/formula.png' width='300'>{LONG[0][12:]}</p>"
    assert read(body + paragraphs(LONG[1:])).text == "\n".join(LONG)


def test_lines_of_preformatted_text_are_paragraphs() -> None:
    assert read(f"<pre>{chr(10).join(LONG)}</pre>").text == "\n".join(LONG)


def test_bare_text_beside_elements_is_text() -> None:
    body = "".join(text if n % 2 else f"<div>{text}</div>" for n, text in enumerate(LONG))
    assert read(f"<div>{body}</div>").text == "\n".join(LONG)


def test_characters_that_show_nothing_are_dropped_and_others_kept() -> None:
    hidden = "\u200b\u200e\u2060\ufeff\u00ad".join(LONG[0])
    shown = "\ue6a0数据目录第①版，\u2800共３０％。"
    article = read(f"<p>{hidden}</p>{paragraphs(LONG[1:])}<p>{shown}</p>")
    assert article.text.split("\n")[0] == LONG[0]
    assert article.text.split("\n")[-1] == "\ue6a0数据目录第①版， 共３０％。"


def test_mail_addresses_and_anchors_are_no_links_of_the_text() -> None:
    body = "".join(
        f"<p><a href='mailto:a@example.cn'>{text[:20]}</a><a name='p1'>{text[20:]}</a></p>"
        for text in LONG
    )
    article = read(body)
    assert (article.text, article.links) == ("\n".join(LONG), ())


@pytest.mark.parametrize(
    "around",
    [
        "<table><tr><td>{}</td></tr></table>",
        "<table role='none'><tr><td>甲</td><td>乙</td></tr><tr><td>丙</td><td>{}</td></tr></table>",
        "<table><tr><td><table><tr><td>{}</td></tr></table></td></tr></table>",
        "<table><tr><td>{}</td><td></td></tr><tr><td></td><td></td></tr></table>",
    ],
)
def test_tables_that_arrange_the_page_are_paragraphs(around: str) -> None:
    article = read(around.format(paragraphs(LONG)))
    assert [b.text for b in article.blocks if b.kind == "paragraph"][-len(LONG) :] == list(LONG)
    assert "table" not in {block.kind for block in article.blocks}


def test_a_table_that_says_it_is_none_is_paragraphs() -> None:
    rows = "".join(
        f"<tr><td>{first}</td><td>{second}</td></tr>"
        for first, second in zip(LONG[::2], LONG[1::2], strict=False)
    )
    assert [kind for kind, _ in blocks(f"<table>{rows}</table>")] == ["table"]
    read_as = blocks(f"<table role='presentation'>{rows}</table>")
    assert read_as == [("paragraph", text) for text in LONG[:6]]


def test_a_cell_of_prose_is_an_article_and_no_data() -> None:
    prose = "".join((*LONG, *LONG))
    rows = f"<tr><td>正文</td><td>{prose}</td></tr><tr><td>附注</td><td>{LONG[0]}</td></tr>"
    assert ("paragraph", prose) in blocks(f"<table>{rows}</table>")
