"""Title, times, source and people."""

import datetime as dt

import pytest

from crawler.extract import extract
from crawler.extract.dates import parse_moment, parse_url_date
from crawler.extract.origin import parse_origin
from crawler.extract.people import (
    find_tail_authors,
    find_wire_authors,
    is_editors_line,
    parse_byline,
    parse_editors,
    split_names,
)
from crawler.extract.title import clean_document_title, split_column_tag
from storage import SHANGHAI
from tests.article_pages import LONG, PARAGRAPHS, TITLE, URL, page, paragraphs

OTHER = "https://policy.example.cn/a/1.html"


@pytest.mark.parametrize(
    ("text", "expected", "precision"),
    [
        ("2024年05月10日06:58", (2024, 5, 10, 6, 58), "minute"),
        ("2024.06.04", (2024, 6, 4), "day"),
        ("2024 05/09 22:27:02", (2024, 5, 9, 22, 27, 2), "second"),
        ("2026-09-24-10:00:05", (2026, 9, 24, 10, 0, 5), "second"),
        ("2022-01-28 00:00:00", (2022, 1, 28), "day"),
        ("1715591785000", (2024, 5, 13, 17, 16, 25), "second"),
        ("2024-05-06T02:20:00Z", (2024, 5, 6, 10, 20), "second"),
        ("时间：2024年5月6日 下午3:05", (2024, 5, 6, 15, 5), "minute"),
        ("20240506102030", (2024, 5, 6, 10, 20, 30), "second"),
    ],
)
def test_times_are_read_with_the_precision_they_state(
    text: str, expected: tuple[int, ...], precision: str
) -> None:
    moment = parse_moment(text)
    assert moment is not None
    year, month, day, *rest = expected
    assert moment.at == dt.datetime(year, month, day, *rest, tzinfo=SHANGHAI)
    assert moment.precision == precision


@pytest.mark.parametrize(
    "text", ["昨天 10:20", "3小时前", "2024年13月45日", "第20240号", "", "10:20"]
)
def test_what_is_no_date_gives_none(text: str) -> None:
    assert parse_moment(text) is None


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("http://a.cn/202406/t20240604_123.html", "2024-06-04"),
        ("http://a.cn/n1/2024/0604/c1001-123.html", "2024-06-04"),
        ("http://a.cn/2024-06/04/content_1.htm", "2024-06-04"),
        ("http://a.cn/art/2024/6/4/art_1_2.html", "2024-06-04"),
        ("http://a.cn/a/1.html", None),
    ],
)
def test_dates_in_addresses(url: str, day: str | None) -> None:
    moment = parse_url_date(url)
    assert (str(moment.at.date()) if moment else None) == day


def test_metadata_give_the_day_and_the_page_the_minute() -> None:
    head = '<META content="2024-05-06" NAME="PubDate"><meta name="ContentSource" content="新华社">'
    article = extract(page(head=head), url=URL)
    assert article.posted_at == dt.datetime(2024, 5, 6, 10, 20, tzinfo=SHANGHAI)
    assert (article.posted_precision, article.published_basis) == ("minute", "meta")
    assert article.source == "新华社"


def test_twelve_hour_metadata_are_corrected_by_the_page() -> None:
    head = '<meta name="PubDate" content="2024-05-06 02:30">'
    info = "<div>发布时间：2024-05-06 14:30 来源：本网</div>"
    site = '<meta name="SiteName" content="示例政策网">'
    article = extract(page(head=head + site, info=info), url=URL)
    assert article.posted_at == dt.datetime(2024, 5, 6, 14, 30, tzinfo=SHANGHAI)
    assert article.source == "示例政策网"


def test_government_time_stamps_are_read() -> None:
    head = '<meta name="firstpublishedtime" content="2026-09-04-17:00:00">'
    article = extract(page(head=head, info=""), url=OTHER)
    assert article.posted_at == dt.datetime(2026, 9, 4, 17, tzinfo=SHANGHAI)


def test_the_address_gives_the_day_only_when_nothing_else_does() -> None:
    article = extract(page(info=""), url=URL)
    assert (str(article.published_date), article.published_basis) == ("2024-05-06", "url")
    assert article.posted_precision == "day"
    assert extract(page(info=""), url=OTHER).posted_at is None


def test_json_ld_gives_the_time() -> None:
    head = (
        '<script type="application/ld+json">{"@graph":[{"datePublished":'
        '"2024-05-06T10:20:30+08:00"}]}</script>'
    )
    article = extract(page(head=head, info=""), url=OTHER)
    assert article.posted_at == dt.datetime(2024, 5, 6, 10, 20, 30, tzinfo=SHANGHAI)


def test_the_source_link_is_kept() -> None:
    info = '<div>2024年05月06日10:20 | 来源：<a href="http://paper.example.cn/1.htm">示例日报</a></div>'
    article = extract(page(info=info), url=URL)
    assert (article.source, article.source_url) == ("示例日报", "http://paper.example.cn/1.htm")


def test_an_origin_line_decides_the_date_of_publication() -> None:
    body = f"{paragraphs()}<p>《示例日报》（2024年05月05日 第3版）</p>"
    article = extract(page(body), url=URL)
    assert article.origin is not None
    assert (article.origin.medium, article.origin.page) == ("示例日报", "3")
    assert (str(article.published_date), article.published_basis) == ("2024-05-05", "origin")
    assert str(article.posted_date) == "2024-05-06"
    assert article.text == "\n".join(PARAGRAPHS)


@pytest.mark.parametrize(
    ("line", "medium", "number"),
    [
        ("《 人民日报 》（ 2024年06月04日 02 版）", "人民日报", "02"),
        ("《人民日报》(2024年06月04日02版)", "人民日报", "02"),
        ("（《光明日报》2024年6月4日 第3版）", "光明日报", "3"),
        ("人民日报海外版（2024年06月04日 第 02 版）", "人民日报海外版", "02"),
        ("《经济日报》2024年06月04日第5版", "经济日报", "5"),
    ],
)
def test_origin_lines_in_all_spellings(line: str, medium: str, number: str) -> None:
    origin = parse_origin(line)
    assert origin is not None
    assert (origin.medium, origin.date, origin.page) == (medium, dt.date(2024, 6, 4), number)
    assert origin.raw == line


def test_a_sentence_with_a_paper_and_a_date_is_no_origin_line() -> None:
    assert parse_origin("据《示例日报》2024年6月4日报道，示例部印发通知。") is None


@pytest.mark.parametrize(
    ("line", "role", "names"),
    [
        ("本报记者 王示例", "本报记者", ("王示例",)),
        ("本报记者  王乐文  方  敏", "本报记者", ("王乐文", "方敏")),
        ("□ 本报记者 葛示例", "本报记者", ("葛示例",)),
        ("（人民网记者 李示例、张 三）", "人民网记者", ("李示例", "张三")),
        ("中青报·中青网记者 魏示例 来源：中国青年报", "中青报·中青网记者", ("魏示例",)),
        ("作者：迪丽·示例", "作者", ("迪丽·示例",)),
        ("本报评论员", "本报评论员", ()),
    ],
)
def test_bylines(line: str, role: str, names: tuple[str, ...]) -> None:
    byline = parse_byline(line)
    assert byline is not None
    assert (byline.role, byline.authors) == (role, names)


@pytest.mark.parametrize(
    "line", ["编辑推荐", "记者调查", "作者简介", "记者来到示例市政务大厅看到", "通讯员队伍"]
)
def test_phrases_that_begin_like_a_byline_are_none(line: str) -> None:
    assert parse_byline(line) is None


@pytest.mark.parametrize(
    ("head", "names"),
    [
        ("新华社乌鲁木齐5月9日电（记者邹示例）总理在当地调研", ("邹示例",)),
        ("新华社深圳5月12日电（记者戴示例、印朋）由我国自主", ("戴示例", "印朋")),
        ("中新社北京1月3日电 (记者 李 明)据悉", ("李明",)),
        ("新华社北京5月9日电 今年以来", ()),
        ("据新华社报道（记者的话）", ()),
    ],
)
def test_wire_heads_name_reporters(head: str, names: tuple[str, ...]) -> None:
    assert find_wire_authors(head) == names


def test_a_wire_head_stays_in_the_text() -> None:
    lead = "新华社示例市5月6日电（记者邹示例）示例部近日印发通知，要求各地加快公共数据开放。"
    article = extract(page(paragraphs((lead, *PARAGRAPHS))), url=URL)
    assert article.authors == ("邹示例",)
    assert article.blocks[0].text == lead
    assert article.byline is None


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("(责编：胡永示、杨光示)", ("胡永示", "杨光示")),
        ("【责任编辑:王示】", ("王示",)),
        ("编辑：倪示例 责任编辑：林示", ("倪示例", "林示")),
        ("审核：张三 校对：李四 监制：王五", ("张三", "李四", "王五")),
        ("来源：示例社 编辑：毛示例", ("毛示例",)),
    ],
)
def test_editors(line: str, names: tuple[str, ...]) -> None:
    assert is_editors_line(line)
    assert parse_editors(line) == names


def test_editors_are_no_authors() -> None:
    head = '<meta name="author" content="张编辑">'
    article = extract(page(f"{paragraphs()}<p>（责编：张编辑）</p>", head=head), url=URL)
    assert (article.authors, article.editors) == ((), ("张编辑",))


def test_a_credit_at_the_end_of_a_paragraph_is_cut_off() -> None:
    body = f"<p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}（责任编辑：李示例）</p>"
    article = extract(page(body), url=URL)
    assert article.text == "\n".join(PARAGRAPHS[:2])
    assert article.editors == ("李示例",)


def test_names_of_one_character_are_padded_names() -> None:
    assert split_names("方  敏 王乐文、李　明") == ("方敏", "王乐文", "李明")


@pytest.mark.parametrize("role", ["创始人", "管理员", "admin"])
def test_role_names_are_uploaders(role: str) -> None:
    info = f"<div><span>{role}</span><span>2024-06-14 09:43:42</span><span>0</span></div>"
    article = extract(page(info=info), url=URL)
    assert (article.uploader, article.authors) == (role, ())
    assert article.text == "\n".join(PARAGRAPHS)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("示例标题--经济·科技--人民网", "示例标题"),
        ("示例标题_中国政府网", "示例标题"),
        ("示例标题-示例科普网", "示例标题"),
        ("示例标题_数据_宏观频道首页_示例网 - EXAMPLE.COM", "示例标题"),
        ("5G-A商用提速", "5G-A商用提速"),
    ],
)
def test_document_titles_lose_the_site(text: str, clean: str) -> None:
    assert clean_document_title(text) == clean


def test_a_title_cut_at_a_quotation_mark_is_completed_by_the_headline() -> None:
    title = "示例市“一网通办”改革见成效"
    head = '<meta property="og:title" content="示例市">'
    assert extract(page(title=title, head=head), url=URL).title == title


@pytest.mark.parametrize(
    ("title", "main", "tag"),
    [
        ("推进示例转型(政策解读)", "推进示例转型", "政策解读"),
        ("推进示例转型（权威发布）", "推进示例转型", "权威发布"),
        ("示例管理办法（试行）", "示例管理办法（试行）", None),
        ("示例目录（2024年版）", "示例目录（2024年版）", None),
    ],
)
def test_column_tags_are_split_off_but_versions_are_not(
    title: str, main: str, tag: str | None
) -> None:
    assert split_column_tag(title, ()) == (main, tag)
    article = extract(page(title=title), url=URL)
    assert (article.title, article.title_main, article.column_tag) == (title, main, tag)


def test_the_headline_is_found_without_a_heading_element() -> None:
    html = page().replace("<h1>", '<div class="tt">').replace("</h1>", "</div>")
    assert extract(html, url=URL).title == TITLE


def test_a_headline_that_names_its_speaker_gives_no_author() -> None:
    assert extract(page(title="王文：数据开放“持久战”"), url=URL).authors == ()


def test_an_author_in_the_information_line_is_read() -> None:
    info = "<div><i>来源：示例日报</i><i>作者：李示例 张 三</i><i>2024-05-06</i></div>"
    article = extract(page(info=info), url=URL)
    assert (article.authors, article.source) == (("李示例", "张三"), "示例日报")


def test_lines_above_and_below_the_headline_are_kicker_and_subtitle() -> None:
    html = page().replace("<h1>", "<h3 class='pre'>春耕一线看政策</h3><h1>")
    html = html.replace("</h1>", "</h1><h4 class='sub'>——来自示例省的报告</h4>")
    article = extract(html, url=URL)
    assert (article.kicker, article.subtitle) == ("春耕一线看政策", "——来自示例省的报告")
    assert article.text == "\n".join(PARAGRAPHS)


def test_a_breadcrumb_or_time_beside_the_headline_is_neither() -> None:
    html = page().replace("<h1>", "<p class='lead'>2024-05-06 10:20</p><h1>")
    article = extract(html, url=URL)
    assert (article.kicker, article.subtitle) == (None, None)


def test_anchors_without_an_address_are_text() -> None:
    info = "<div><a>创始人</a><a>2024-06-14 09:43:42</a><a>3</a></div>"
    article = extract(page(info=info), url=URL)
    assert article.uploader == "创始人"
    assert str(article.posted_at) == "2024-06-14 09:43:42+08:00"


@pytest.mark.parametrize(
    ("end", "names"),
    [
        ("（文/图 刘示例 易示例）", ("刘示例", "易示例")),
        ("（常示例 马示例 文/图）", ("常示例", "马示例")),
        ("(总台记者 张示例)", ("张示例",)),
        ("（本报记者 张示例 通讯员 李示例）", ("张示例", "李示例")),
        ("（记者：张示例 通讯员：李示例）", ("张示例", "李示例")),
        ("（张示例/文）", ("张示例",)),
        ("（高新区）", ()),
        ("（钟示例）", ("钟示例",)),
        ("（常示例 马示例）", ("常示例", "马示例")),
        ("（撰文：皮示例）", ("皮示例",)),
        ("（试行）", ()),
        ("（2024年）", ()),
        ("（完）", ()),
        ("（下同）", ()),
        ("（以下简称《通知》）", ()),
        ("（示例市政府网站）", ()),
    ],
)
def test_brackets_at_the_end_of_the_text_name_its_authors(end: str, names: tuple[str, ...]) -> None:
    closing = f"通知自发布之日起施行，由示例部负责解释。{end}"
    assert find_tail_authors(closing) == names
    article = extract(page(paragraphs((*PARAGRAPHS, closing))), url=URL)
    assert article.authors == names
    assert article.blocks[-1].text == closing


def test_brackets_in_the_middle_of_the_text_name_no_author() -> None:
    said = (f"{LONG[0]}（钟示例）", *LONG[1:])
    assert extract(page(paragraphs(said)), url=URL).authors == ()


def test_a_name_at_the_end_that_is_the_editors_is_no_author() -> None:
    closing = f"{PARAGRAPHS[2]}（钟示例）"
    body = f"{paragraphs((*PARAGRAPHS[:2], closing))}<p>（责编：钟示例）</p>"
    article = extract(page(body), url=URL)
    assert (article.authors, article.editors) == ((), ("钟示例",))


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("示例报记者 彭示例 示例市报道", ("彭示例",)),
        ("示例报特约记者 彭示例 摄影报道", ("彭示例",)),
        ("采写：示例报见习记者 林示例", ("林示例",)),
        ("《示例》作者 周示例", ("周示例",)),
        ("文 | 周示例", ("周示例",)),
        ("撰文丨周示例 吴示例", ("周示例", "吴示例")),
        ("作者丨周示例", ("周示例",)),
        ("记者：张示例 通讯员：李示例", ("张示例", "李示例")),
        ("本报驻示例市记者 张示例", ("张示例",)),
    ],
)
def test_bylines_with_places_and_roles_are_taken_out_of_the_text(
    line: str, names: tuple[str, ...]
) -> None:
    article = extract(page(f"<p>{line}</p>{paragraphs()}"), url=URL)
    assert (article.byline, article.authors) == (line, names)
    assert article.text == "\n".join(PARAGRAPHS)


def test_a_byline_at_the_end_is_taken_out_as_well() -> None:
    article = extract(page(f"{paragraphs()}<p>采写：示例报见习记者 林示例</p>"), url=URL)
    assert article.authors == ("林示例",)
    assert article.text == "\n".join(PARAGRAPHS)


SIGNED_BY = {
    "meta": ('<meta name="author" content="{}">', "<i>{}</i>"),
    "property": ('<meta property="article:author" content="{}">', "<i>{}</i>"),
    "json": (
        '<script type="application/ld+json">{{"author":{{"name":"{}"}}}}</script>',
        "<i>{}</i>",
    ),
    "json list": ('<script type="application/ld+json">{{"author":["{}"]}}</script>', "<i>{}</i>"),
    "class": ("", '<span class="author">{}</span>'),
    "author name": ("", '<a class="post-author-name" href="/u/1">{}</a>'),
    "labelled": ("", '<span class="author">作者：{}</span>'),
}


def _signed(kind: str, name: str, *, shown: bool = True) -> str:
    """A page that says in one of these ways who wrote it."""
    head, line = (form.format(name) for form in SIGNED_BY[kind])
    info = f"<div><span>2024-05-06 10:20</span> {line if shown else ''}</div>"
    return page(head=head, info=info)


@pytest.mark.parametrize("kind", SIGNED_BY)
@pytest.mark.parametrize("name", ["数据观察员老刘", "Ann Example", "彭示例"])
def test_the_account_that_signs_in_the_head_is_the_author(kind: str, name: str) -> None:
    article = extract(_signed(kind, name), url=URL)
    assert article.authors == (name,)
    assert article.text == "\n".join(PARAGRAPHS)


@pytest.mark.parametrize("kind", [kind for kind, (head, _) in SIGNED_BY.items() if head])
def test_an_account_that_the_head_does_not_show_is_no_author(kind: str) -> None:
    assert extract(_signed(kind, "数据观察员老刘", shown=False), url=URL).authors == ()


@pytest.mark.parametrize("kind", ["meta", "json", "class"])
@pytest.mark.parametrize(
    "name", ["示例日报", "示例政策网", "示例通讯社", "关注", "+关注", "小编", "管理员"]
)
def test_outlets_controls_and_role_names_are_no_authors(kind: str, name: str) -> None:
    assert extract(_signed(kind, name), url=URL).authors == ()


def test_the_editor_whom_metadata_call_the_author_is_none() -> None:
    head = '<meta name="author" content="数据观察员老刘">'
    info = "<div>2024-05-06 10:20</div><div>责任编辑：<i>数据观察员老刘</i></div>"
    assert extract(page(head=head, info=info), url=URL).authors == ()


@pytest.mark.parametrize(
    "script",
    [
        'var ct = "1714962030";',
        '{"publish_time":"2024-05-06 10:20:30"}',
        "var data = {'publishTime': 1714962030000, 'id': 1};",
        'window.state={"create_time":1714962030}',
    ],
)
def test_times_that_only_scripts_state_are_read(script: str) -> None:
    article = extract(page(head=f"<script>{script}</script>", info=""), url=OTHER)
    assert article.posted_at == dt.datetime(2024, 5, 6, 10, 20, 30, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    "script", ['var distinct = "1714962030";', '{"lastpublishTime":1714962030}', "var ct = now();"]
)
def test_other_variables_of_scripts_are_no_time(script: str) -> None:
    assert extract(page(head=f"<script>{script}</script>", info=""), url=OTHER).posted_at is None


def test_a_script_makes_a_day_more_precise_and_contradicts_nothing() -> None:
    script = '<script>var ct = "1714962030";</script>'
    day = extract(page(head=script, info="<div>2024-05-06</div>"), url=OTHER)
    assert day.posted_at == dt.datetime(2024, 5, 6, 10, 20, 30, tzinfo=SHANGHAI)
    other = extract(page(head=script, info="<div>2024-05-07 08:00</div>"), url=OTHER)
    assert other.posted_at == dt.datetime(2024, 5, 7, 8, 0, tzinfo=SHANGHAI)


def test_the_motto_of_the_site_is_no_headline() -> None:
    head = '<meta property="og:title" content="示例新区 - 示例百科网，自由的百科全书">'
    motto = "<div class='sub-title'>示例百科网，自由的百科全书</div>"
    html = page(paragraphs(), title="示例新区", head=head, before=motto)
    html = html.replace("示例新区_示例政策网", "示例新区 - 示例百科网，自由的百科全书")
    assert extract(html, url=URL).title == "示例新区"
    plain = html.replace("<h1>示例新区</h1>", "<p class='first-heading'>示例新区</p>")
    assert extract(plain, url=URL).title == "示例新区"


def test_a_hidden_headline_gives_way_to_the_one_shown() -> None:
    hidden = f"<div style='display:none'><h1>{TITLE}</h1><p>2023-01-01 08:00</p></div>"
    main = f'<div class="main"><h1>{TITLE}</h1>'
    html = page(before=hidden).replace(main, main.replace("h1", "p"))
    article = extract(html, url=OTHER)
    assert (article.title, str(article.posted_date)) == (TITLE, "2024-05-06")


@pytest.mark.parametrize(
    "line", ["截至2024年6月30日 18:00", "今天是2026年1月17日 星期六", "有效期至2029-06-30"]
)
def test_deadlines_and_todays_date_in_the_head_are_not_when_it_was_posted(line: str) -> None:
    article = extract(page(info=f"<div>{line}</div><div>2024-05-06 10:20</div>"), url=OTHER)
    assert str(article.posted_at) == "2024-05-06 10:20:00+08:00"


@pytest.mark.parametrize("role", ["编辑", "责任编辑", "责编"])
def test_the_editor_on_the_date_line_is_no_author(role: str) -> None:
    head = '<meta name="author" content="张示例">'
    info = f"<div>2024-05-06 10:20 来源：示例日报 {role}：张示例</div>"
    article = extract(page(head=head, info=info), url=URL)
    assert (article.authors, article.editors, article.source) == ((), ("张示例",), "示例日报")


def test_a_motto_without_the_words_of_a_site_is_no_headline() -> None:
    motto = "示例百科，自由的百科全书"
    html = page(title="示例新区", before=f"<div class='sub-title'>{motto}</div>")
    html = html.replace("示例新区_示例政策网", f"示例新区 - {motto}")
    html = html.replace("<h1>示例新区</h1>", "<p>示例新区</p>")
    assert extract(html, url=URL).title == "示例新区"


def test_the_title_of_a_picture_is_not_the_pages() -> None:
    picture = "<svg><title>返回示例政策网的首页</title></svg>"
    html = page(before=picture).replace(f"<title>{TITLE}_示例政策网</title>", "")
    assert extract(html, url=URL).title == TITLE


def test_a_role_name_on_a_line_of_its_own_is_the_uploader() -> None:
    info = "<ul><li>2024-05-06 10:20:30</li><li>创始人</li><li>字号：大 中 小</li></ul>"
    article = extract(page(info=info), url=URL)
    assert (article.uploader, article.text) == ("创始人", "\n".join(PARAGRAPHS))
