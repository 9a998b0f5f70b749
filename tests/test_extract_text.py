"""Blocks: kinds, order, normalisation, offsets."""

from crawler.extract import extract
from storage import Article
from tests.article_pages import PARAGRAPHS, URL, page, paragraphs


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
