"""Where the article ends: labels, comments, the next post, its headline once more."""

import pytest

from crawler.extract import extract
from storage import Article
from tests.article_pages import LONG, TITLE, URL, page, paragraphs, teasers

HEADLINES = "".join(
    f'<p><a href="/n/{n}.html">另一地加快建设第{n}个便民服务中心</a></p>' for n in range(5)
)
BULLETS = "".join(
    f"<p>·另一地举办第{n}届便民服务活动并公布下一年度的工作计划安排（2024-05-0{n}）</p>"
    for n in range(1, 6)
)
RULES = (
    "① 凡本网注明来源为本网的作品，版权均属于本网，未经授权不得转载、摘编。",
    "② 凡本网注明来源为其他媒体的作品，均转载自其他媒体，并不代表本网赞同其观点。",
    "③ 如有侵权，请在三十日内与本网联系删除。",
)


def texts(article: Article) -> list[str]:
    return [block.text for block in article.blocks]


def read(body: str, **parts: str) -> list[str]:
    return texts(extract(page(body, **parts), url=URL))


@pytest.mark.parametrize(
    "label", ["相关阅读", "【延伸阅读】", "热门推荐>>", "猜你喜欢", "相关新闻(5条)"]
)
@pytest.mark.parametrize("list_", [HEADLINES, BULLETS, teasers(form="<p>{blurb}</p>")])
def test_a_label_over_teasers_ends_the_article(label: str, list_: str) -> None:
    assert read(f"{paragraphs(LONG)}<p>{label}</p>{list_}") == list(LONG)


def test_text_under_the_teasers_of_the_last_label_is_not_read() -> None:
    motto = "<p>示例政策网每天为读者收集各地的政策信息，欢迎来信来电提供线索。</p>"
    assert read(f"{paragraphs(LONG)}<p>相关阅读</p>{HEADLINES}{motto}") == list(LONG)


@pytest.mark.parametrize("empty", ["暂无相关内容", "没有相关信息。", "暂时没有更多评论"])
def test_an_empty_list_goes_with_its_label_and_the_text_goes_on(empty: str) -> None:
    half = len(LONG) // 2
    list_ = f"<p>相关内容</p><p>{empty}</p>"
    assert read(paragraphs(LONG[:half]) + list_ + paragraphs(LONG[half:])) == list(LONG)
    assert read(paragraphs(LONG) + list_) == list(LONG)


@pytest.mark.parametrize("label", ["相关内容", "相关阅读：", "热门评论（0）"])
def test_a_label_over_nothing_is_dropped(label: str) -> None:
    assert read(f"{paragraphs(LONG)}<h3>{label}</h3>") == list(LONG)


@pytest.mark.parametrize("label", ["免责声明：", "示例网版权与免责声明", "版权声明"])
def test_a_label_over_small_print_ends_the_article(label: str) -> None:
    desk = "本网编辑部设在示例市，欢迎广大读者来信来电，提供新闻线索。"
    small_print = paragraphs((*RULES, desk))
    assert read(f"{paragraphs(LONG)}<p>{label}</p>{small_print}") == list(LONG)


def test_small_print_without_a_label_is_dropped_at_the_end() -> None:
    assert read(paragraphs(LONG) + paragraphs(RULES)) == list(LONG)


def test_a_label_over_known_teasers_ends_the_article_with_what_is_below() -> None:
    cards = teasers(form='<div><a href="/n/{n}.html">{title}</a><p>{blurb}</p></div>')
    motto = "<p>示例政策网每天为读者收集各地的政策信息，欢迎来信来电提供线索。</p>"
    body = f"{paragraphs(LONG)}<p>热门推荐</p><div>{cards}</div>{motto}"
    assert read(body) == list(LONG)


def test_a_label_that_its_name_drops_still_ends_the_article() -> None:
    body = f"{paragraphs(LONG)}<div class='related'><h3>相关阅读</h3></div>{BULLETS}"
    assert read(body) == list(LONG)


def test_a_list_of_related_articles_inside_the_text_is_taken_out() -> None:
    body = f"<p>{LONG[0]}</p><p>相关阅读</p>{HEADLINES}{paragraphs(LONG[1:])}"
    assert read(body) == list(LONG)


def test_a_heading_of_the_text_that_prose_follows_does_not_end_it() -> None:
    body = f"{paragraphs(LONG[:3])}<p>相关内容</p>{paragraphs(LONG[3:])}"
    assert read(body) == [*LONG[:3], "相关内容", *LONG[3:]]


def test_a_sentence_that_begins_like_a_label_stays() -> None:
    sentence = "相关内容由示例部负责解释，各地可以结合实际制定细则，并报示例部备案。"
    assert read(paragraphs((*LONG[:5], sentence, *LONG[5:]))) == [*LONG[:5], sentence, *LONG[5:]]


@pytest.mark.parametrize("label", ["网友评论", "最新评论(3)", "3 Comments"])
@pytest.mark.parametrize(
    "comment",
    [
        "<p>示例网友{n} 2024-05-0{n} 08:1{n}</p><p>{text}</p>",
        "<p>示例网友{n}</p><p>{text}</p><p>回复 举报</p>",
    ],
)
def test_comments_end_the_article(label: str, comment: str) -> None:
    said = (
        "写得很实在，希望我们这里也能早一点把积水点标到地图上，下雨天好绕行。",
        "我在社区工作，每天要填七八张表，如果数据真能打通，就能多跑几户人家了。",
        "新系统上线以后要有人教老年人使用，不然再好的平台他们也用不上。",
    )
    under = "".join(comment.format(n=n, text=text) for n, text in enumerate(said, 1))
    assert read(f"{paragraphs(LONG)}<h3>{label}</h3>{under}") == list(LONG)


def test_a_heading_about_comments_in_the_text_is_no_boundary() -> None:
    body = f"{paragraphs(LONG[:4])}<h3>网友评论</h3>{paragraphs(LONG[4:])}"
    assert read(body) == [*LONG[:4], "网友评论", *LONG[4:]]


def test_the_older_posts_of_a_blog_are_not_read() -> None:
    """Each post begins with its headline and its stamp, the newest first."""
    posts = "".join(
        f"<h2>另一篇短文之{n}</h2><p>2024-05-0{n} 08:1{n}</p>"
        f"<p>第{n}天在示例市走访，见到许多熟悉的面孔，也听到不少新的意见和想法。</p>"
        for n in (5, 4, 3)
    )
    body = f"<p>2024-05-06 10:20</p>{paragraphs(LONG)}<p>----------</p>{posts}"
    assert read(body, info="") == list(LONG)


def test_the_older_posts_of_a_blog_whose_stamps_close_them_are_not_read() -> None:
    posts = "".join(
        f"<h2>另一篇短文之{n}</h2>"
        f"<p>第{n}天在示例市走访，见到许多熟悉的面孔，也听到不少新的意见和想法。</p>"
        f"<p>发表于 2024-05-0{n} 08:1{n}</p>"
        for n in (4, 3, 2)
    )
    body = f"{paragraphs(LONG)}<p>发表于 2024-05-06 10:20</p>{posts}"
    assert read(body, info="") == list(LONG)


def test_the_replies_in_a_forum_are_not_read() -> None:
    replies = "".join(
        f"<p>示例坛友{n} 发表于 2024-05-0{n} 08:1{n} 回复 举报</p>"
        f"<p>说得好，我也来讲讲自己的第{n}次经历，当时在窗口排了整整一个上午的队。</p>"
        for n in (6, 7, 8)
    )
    assert read(f"{paragraphs(LONG)}{replies}") == list(LONG)


def test_a_minuted_conference_is_one_article() -> None:
    said = "".join(
        f"<p>示例部发言人 2024-05-06 10:0{n}:00</p><p>{text}</p>" for n, text in enumerate(LONG)
    )
    assert [text for text in read(said) if text in LONG] == list(LONG)


def test_stamps_that_only_rise_are_no_posts() -> None:
    body = "".join(f"<p>2024-04-0{n} 09:30</p><p>{text}</p>" for n, text in enumerate(LONG, 1))
    assert [text for text in read(body) if text in LONG] == list(LONG)


@pytest.mark.parametrize("again", ["<p>{}</p>", "<h2>{}</h2>", '<div class="s">{}</div>'])
def test_the_headline_under_the_text_ends_the_article(again: str) -> None:
    below = "示例政策网整理了通知的要点，读者可以通过手机查看全文，也可以分享给朋友。"
    assert read(f"{paragraphs(LONG)}{again.format(TITLE)}<p>{below}</p>") == list(LONG)


def test_the_headline_in_the_middle_of_the_text_does_not_end_it() -> None:
    body = f"{paragraphs(LONG[:3])}<p>{TITLE}</p>{paragraphs(LONG[3:])}"
    assert [text for text in read(body) if text in LONG] == list(LONG)


def test_a_short_headline_can_be_a_phrase_of_the_text() -> None:
    body = f"{paragraphs(LONG[:6])}<p>数据开放</p><p>{LONG[6]}</p>"
    assert read(body, title="数据开放")[-1] == LONG[6]


@pytest.mark.parametrize(
    "label", ["Read more", "You may also like", "Related articles", "Most read"]
)
def test_latin_labels_end_the_article(label: str) -> None:
    assert read(f"{paragraphs(LONG)}<p>{label}</p>{HEADLINES}") == list(LONG)


def test_the_headline_of_an_older_post_goes_with_it() -> None:
    """The first post's own stamp stands in the line under the headline, outside the text."""
    posts = "".join(
        f"<h2>另一篇短文之{n}</h2><p>2024-05-0{n} 08:1{n}</p>"
        f"<p>第{n}天在示例市走访，见到许多熟悉的面孔，也听到不少新的意见和想法。</p>"
        for n in (5, 4, 3)
    )
    assert read(paragraphs(LONG) + posts) == list(LONG)
