"""Pages that are missing although the answer's status is 200, and pages that only seem so."""

import pytest
from scrapy.http import HtmlResponse

from crawler.absence import find_absence
from crawler.extract import ExtractionError, extract
from crawler.portal import Layout, Listing, Portal
from storage import AbsenceKind

URL = "http://news.example.cn/jiedu/202611/t20261102_1.html"
PORTAL = Portal(
    name="example",
    title="示例网",
    hosts=("news.example.cn",),
    listings=(Listing("http://news.example.cn/jiedu/"),),
    article_url=r"/t\d{8}_\d+\.html$",
    layouts=(Layout("2023", content="div.article-body", title="h1"),),
)
TEXT = "近日，示例省印发措施，提出加快数据要素流通，完善公共数据授权运营机制。" * 8
ARTICLE = f"<h1>数据要素怎样流通</h1><div class='article-body'><p>{TEXT}</p></div>"
SIDEBAR = "<div class='side'>" + "".join(f"<p>{n}月要闻：{TEXT}</p>" for n in range(3)) + "</div>"


def absence(html: str, *, url: str = URL, is_known: bool = True) -> AbsenceKind | None:
    page = f"<html><head><title>示例网</title></head><body>{html}</body></html>"
    response = HtmlResponse(url, body=page.encode(), encoding="utf-8")
    try:
        article = extract(page.encode(), url=url, portal=PORTAL)
    except ExtractionError:
        article = None
    return find_absence(response, URL, PORTAL, article, is_known=is_known)


def test_an_article_is_there() -> None:
    assert absence(ARTICLE) is None


def test_the_home_page_in_its_place() -> None:
    assert absence(ARTICLE, url="http://news.example.cn/") == "home page"
    assert absence(ARTICLE, url="http://news.example.cn/index.html") == "home page"


@pytest.mark.parametrize(
    "said",
    [
        "<h1>404</h1><p>抱歉，您访问的页面不存在，请返回首页。</p>",
        "<p>您要查看的文章已被删除</p><a href='/'>返回首页</a>",
        "<p>该信息已下线！</p>",
        "<h2>404 Not Found</h2><p>nginx</p>",
        "<p>没有找到您要的网页，五秒后返回首页</p>",
    ],
)
def test_an_error_page_with_status_200(said: str) -> None:
    assert absence(said) == "error page"


def test_an_error_page_by_its_address() -> None:
    url = "http://news.example.cn/404.html"
    assert absence("<p>欢迎访问示例网</p>", url=url) == "error page"


def test_an_emptied_body_beside_a_sidebar() -> None:
    empty = "<h1>数据要素怎样流通</h1><div class='article-body'></div>"
    assert absence(empty + SIDEBAR) == "emptied"
    assert absence(empty + SIDEBAR, is_known=False) is None  # perhaps a rule that never fitted


def test_an_article_about_missing_pages_is_there() -> None:
    text = f"<p>政府网站不得出现“页面不存在”等错误。{TEXT}</p>"
    page = f"<h1>网站页面不存在怎么办</h1><div class='article-body'>{text}</div>"
    assert absence(page) is None


def test_a_short_notice_and_a_redesign_are_there() -> None:
    short = "<h1>关于会议改期的通知</h1><div class='article-body'><p>会议改在十二日。</p></div>"
    assert absence(short) is None
    other = f"<h1>数据要素怎样流通</h1><main><p>{TEXT}</p><p>{TEXT}</p></main>"
    assert absence(other) is None
