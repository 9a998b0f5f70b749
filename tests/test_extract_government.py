"""What government pages hold besides plain paragraphs must stay in the text."""

import pytest

from crawler.extract import extract
from tests.article_pages import PARAGRAPHS, URL, page, paragraphs

SPEECHES = (
    ("主持人 张示例：", "大家上午好，欢迎出席发布会。", "2024-05-14 10:00:05"),
    (
        "示例部副部长 李示例：",
        "首先感谢大家的关心，下面介绍三个方面的内容。",
        "2024-05-14 10:01:45",
    ),
    ("示例社记者：", "请问下一步有什么打算？谢谢。", "2024-05-14 10:12:33"),
    ("示例部副部长 李示例：", "谢谢你的提问，我们将完善配套措施。", "2024-05-14 10:15:00"),
)


def texts(body: str) -> list[str]:
    return [block.text for block in extract(page(body), url=URL).blocks]


def in_paragraphs(*lines: str) -> str:
    return "".join(f"<p>{line}</p>" for line in lines)


def test_a_signature_and_its_date_are_paragraphs_at_the_end() -> None:
    article = extract(page(paragraphs() + in_paragraphs("示例部", "2024年5月14日")), url=URL)
    assert [(block.kind, block.text) for block in article.blocks[-2:]] == [
        ("paragraph", "示例部"),
        ("paragraph", "2024年5月14日"),
    ]


def test_a_minuted_conference_keeps_speakers_and_times() -> None:
    lines = [line for speech in SPEECHES for line in speech]
    assert texts(in_paragraphs(*lines)) == lines


@pytest.mark.parametrize(
    "line",
    [
        "（2024年5月14日）",
        "编者按：为帮助读者理解，本报约请专家解读。",
        "核心提示：通知明确了目标。",
    ],
)
def test_what_opens_the_text_stays(line: str) -> None:
    assert texts(in_paragraphs(line, *PARAGRAPHS)) == [line, *PARAGRAPHS]


@pytest.mark.parametrize(
    "line",
    ["联系方式", "联系人：张示例", "注：本通知自发布之日起施行。", "《公共数据条例》全文见附件。"],
)
def test_what_closes_the_text_stays(line: str) -> None:
    assert texts(in_paragraphs(*PARAGRAPHS, line)) == [*PARAGRAPHS, line]


def test_linked_documents_are_no_teasers() -> None:
    titles = ["《关于加快公共数据开放的通知》", "《公共数据条例》（全文）"]
    links = "".join(f'<p><a href="/zc/{n}.html">{title}</a></p>' for n, title in enumerate(titles))
    article = extract(page(paragraphs() + links), url=URL)
    assert [block.text for block in article.blocks] == [*PARAGRAPHS, *titles]
    assert [link.text for link in article.links] == titles


def test_a_list_of_others_high_up_does_not_end_a_short_article() -> None:
    items = "".join(f'<li><a href="/{n}">示例市举行第{n}次活动发布会</a></li>' for n in range(3))
    middle = f"<p>{PARAGRAPHS[0]}</p><p>相关阅读：</p><ul>{items}</ul>"
    assert texts(middle + in_paragraphs(*PARAGRAPHS[1:])) == list(PARAGRAPHS)


@pytest.mark.parametrize(
    "frame", ["<div>{}</div>", "<p>{}</p>", "{}"], ids=["division", "one paragraph", "none"]
)
def test_what_is_no_sentence_still_closes_the_text(frame: str) -> None:
    closing = ["附件：1.示例目录", "2.申报表", "示例部", "2024年5月14日"]
    inner = "".join(PARAGRAPHS) if frame.startswith("<p>") else paragraphs()
    found = texts(frame.format(inner) + in_paragraphs(*closing))
    assert found[-4:] == closing
    assert "".join(found[:-4]) == "".join(PARAGRAPHS)


def test_a_long_list_of_names_and_what_follows_it_stay() -> None:
    names = [f"示例市第{number}中学" for number in range(30)]
    items = "".join(f"<li>{name}</li>" for name in names)
    end = "以上名单自公布之日起生效，请各地做好落实工作。"
    body = f"<p>{PARAGRAPHS[0]}</p><ol>{items}</ol><p>{end}</p>"
    assert texts(body) == [PARAGRAPHS[0], *names, end]


def test_a_law_is_read_from_the_note_under_its_title() -> None:
    lines = [
        "（2024年5月14日示例部令第1号公布）",
        "第一章 总则",
        "第一条 为了规范公共数据开放，保障数据安全，根据有关法律，制定本办法。",
        "第二条 本办法自公布之日起施行。",
    ]
    assert texts(in_paragraphs(*lines)) == lines


def test_a_table_of_numbers_is_no_pager() -> None:
    rows = "".join(f"<tr><td>{number}</td><td>{number * 7}</td></tr>" for number in range(1, 4))
    found = extract(page(f"{paragraphs()}<table>{rows}</table>"), url=URL)
    assert found.blocks[-1].kind == "table"
    assert found.blocks[-1].text == "1\t7\n2\t14\n3\t21"


def test_an_annex_under_its_own_headline_stays() -> None:
    title = "示例部部署加快公共数据开放工作方案"
    annex = [
        "一、总体要求",
        "坚持统筹推进、分类施策，加快建立制度健全、运行高效、安全可控的开放体系，更好服务群众。",
        "到2028年，各级部门完成目录编制，开放数据的质量和更新频率明显提高，应用场景更加丰富。",
    ]
    article = extract(
        page(paragraphs() + in_paragraphs("附件", title, *annex), title=title), url=URL
    )
    assert [block.text for block in article.blocks][-3:] == annex


def test_a_plain_list_under_a_heading_like_a_label_stays() -> None:
    lines = [*PARAGRAPHS, "相关信息", "财政补贴", "税收优惠", "融资支持", "人才引进"]
    assert texts(in_paragraphs(*lines)) == lines


@pytest.mark.parametrize(
    "line", ["风险提示：投资者应当审慎判断，理性投资。", "联系我们", "资料来源：示例部统计数据"]
)
def test_official_wording_at_the_end_is_no_small_print(line: str) -> None:
    lines = [*PARAGRAPHS, line, "本通知由示例部负责解释。"]
    assert texts(in_paragraphs(*lines)) == lines
