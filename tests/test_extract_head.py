"""The lines between the headline and the text: what is head, what is the text's own."""

import pytest

from crawler.extract import extract
from storage import Article
from tests.article_pages import LONG, PARAGRAPHS, TITLE, URL, page, paragraphs

STAMP = "<p>2024年5月6日 10:20</p>"


def texts(article: Article) -> list[str]:
    return [block.text for block in article.blocks]


def read(body: str, **parts: str) -> list[str]:
    return texts(extract(page(body, **parts), url=URL))


@pytest.mark.parametrize(
    "line",
    [
        "字号：大 中 小",
        "字体：[大 中 小]",
        "【字体：大 中 小】",
        "【字体：大 中 小】【打印】【关闭】",
        "阅读(128) 评论(0)",
        "浏览量：1.2万次",
        "创始人",
        "【打印】【关闭】",
        "阅读(128)",
        "浏览次数：128次",
        "128",
        "128次浏览",
        "\ue614 128",
        "\ue601 阅读 128 \ue602",
        "听新闻",
        "+关注",
        "微信扫码分享到朋友圈",
        "首页 > 政策 > 解读 > 正文",
        "当前位置：首页 > 解读",
        "来源：示例日报",
        "文章来源：示例日报",
        "（转自：示例日报）",
        "发布时间：2024-05-06 10:20",
        "2024年5月6日 星期一",
        "正在加载...",
        "发布于示例市",
        TITLE,
    ],
)
def test_lines_of_the_head_are_no_text(line: str) -> None:
    assert read(f"<p>{line}</p>{paragraphs(LONG)}") == list(LONG)


@pytest.mark.parametrize(
    "line",
    [
        "（2024年5月14日）",
        "(2024年5月14日示例部第3次部务会议通过)",
        "2024年5月14日，示例部召开会议，研究部署下一步的重点工作任务。",
        "核心提示：示例部印发通知，公共数据开放将在年底以前覆盖全部的县区。",
        "编者按：公共数据怎样开放，企业和群众都很关心，本报今起推出系列报道。",
        "示例部令第3号",
        "正文共三章，自发布之日起施行。",
        "大中小学都要开设数据安全课程，并且有专职的教师。",
    ],
)
def test_lines_of_the_text_are_no_head(line: str) -> None:
    assert read(f"<p>{line}</p>{paragraphs(LONG)}") == [line, *LONG]


def test_counters_in_an_icon_font_are_no_uploader_and_no_text() -> None:
    info = "<div><i>\ue613</i>示例日报 <i>\ue614</i> 2024-05-06 10:20 <i>\ue615</i> 86</div>"
    article = extract(page(f"<p>\ue616 12</p>{paragraphs()}", info=info), url=URL)
    assert texts(article) == list(PARAGRAPHS)
    assert str(article.posted_at) == "2024-05-06 10:20:00+08:00"


@pytest.mark.parametrize(
    "signed", ["By Ann Example", "作者 | 2024年5月6日 10:20", "2024-05-06 10:20"]
)
def test_a_standfirst_above_the_byline_is_no_text(signed: str) -> None:
    standfirst = "一项通知怎样让群众少跑腿、少填表，记者在示例市看到了变化。"
    body = f"<p>{standfirst}</p><p>{signed}</p>{paragraphs(LONG)}"
    assert read(body, info="") == list(LONG)


def test_text_above_a_date_is_text_when_there_is_much_of_it() -> None:
    body = f"{paragraphs(LONG)}{STAMP}<p>{LONG[0][:20]}，完。</p>"
    assert read(body, info="")[: len(LONG)] == list(LONG)


def test_two_long_paragraphs_above_a_date_are_no_standfirst() -> None:
    body = f"{paragraphs(LONG[:3])}{STAMP}{paragraphs(LONG[3:])}"
    assert [text for text in read(body, info="") if text in LONG] == list(LONG)


@pytest.mark.parametrize("label", ["摘要：", "【内容摘要】：", "文章简介:", "本文提要："])
def test_a_summary_of_the_cms_is_no_text(label: str) -> None:
    summary = f"<p>{label}示例部印发通知，公共数据将在年底以前全面开放，群众办事更方便。</p>"
    assert read(summary + paragraphs(LONG)) == list(LONG)


@pytest.mark.parametrize("end", ["...", "…", "……"])
@pytest.mark.parametrize("tag", ["p", "blockquote", "div"])
def test_the_beginning_of_the_text_cut_short_is_no_text(end: str, tag: str) -> None:
    cut = f"<{tag}>{LONG[0][:30]}{end}</{tag}>"
    assert read(cut + paragraphs(LONG)) == list(LONG)


def test_an_opening_that_ends_in_dots_but_is_not_repeated_stays() -> None:
    opening = "清晨六点，示例市的早市已经热闹起来，吆喝声、说笑声此起彼伏……"
    assert read(paragraphs((opening, *LONG))) == [opening, *LONG]


def test_the_summary_shown_twice_is_dropped_twice() -> None:
    summary = "示例部印发通知，公共数据将在年底以前全面开放，群众办事更方便。"
    body = f"<p>摘要：{summary}</p><p>摘要：{summary}</p>{paragraphs(LONG)}"
    assert read(body) == list(LONG)


def test_a_headline_in_two_parts_is_not_read_again() -> None:
    title = "公共数据开放再提速 示例市这样做"
    body = f"<p>公共数据开放再提速</p><p>示例市这样做</p>{paragraphs(LONG)}"
    assert read(body, title=title) == list(LONG)


def test_a_short_word_of_the_headline_is_a_heading_of_the_text() -> None:
    body = f"<h2>解读</h2>{paragraphs(LONG)}"
    assert read(body, title="公共数据开放条例 解读") == ["解读", *LONG]


def test_what_stands_above_the_headline_in_its_element_is_no_text() -> None:
    above = "<p>示例政策网编辑部为读者整理每天发布的政策解读，欢迎订阅，谢谢支持。</p>"
    html = page(paragraphs(LONG)).replace("<h1>", f"{above}<h1>")
    assert texts(extract(html, url=URL)) == list(LONG)


def test_a_source_line_in_the_head_names_the_source() -> None:
    body = f"<p>稿源：示例晚报</p>{paragraphs(LONG)}"
    assert extract(page(body, info=""), url=URL).source == "示例晚报"


def test_an_origin_line_in_the_head_is_an_origin() -> None:
    body = f"<p>《示例日报》（2024年05月05日 第3版）</p>{paragraphs(LONG)}"
    article = extract(page(body), url=URL)
    assert (article.origin and article.origin.page, texts(article)) == ("3", list(LONG))


def test_a_short_notice_keeps_what_stands_above_its_date() -> None:
    notice = (LONG[0], LONG[1], "示例部办公厅", "2024年5月6日")
    assert read(paragraphs(notice), info="") == list(notice)


def test_the_standfirst_again_under_the_byline_is_no_text() -> None:
    standfirst = "<p>一项通知怎样让群众少跑腿、少填表，记者在示例市看到了变化。</p>"
    body = f"{standfirst}<p>By Ann Example</p>{standfirst}{paragraphs(LONG)}"
    assert read(body, info="") == list(LONG)
