"""Whether an answer with status 200 says in other words that the page is not there.

Called by ``crawler.spider``; 404 and 410 speak for themselves and are read by the archive.
"""

import re
from urllib.parse import urlsplit

from parsel import Selector
from scrapy.http import Response

from crawler.discovery.anchors import page_text
from crawler.extract import ExtractionError
from crawler.extract.layout import has_emptied_content
from crawler.portal import Portal
from storage import AbsenceKind, Article

# What portals say instead of sending 404; each must be the title, or stand in a text as short as
# an error page's: articles about websites use the words too.
_SAID = re.compile(
    r"(?:404|页面|网页|网址|文章|内容|信息|稿件|文件|资源|链接)[^。！!\n]{0,12}"
    r"(?:不存在|未找到|找不到|没有找到|已被?删除|已被?移除|已下线|已下架|已失效|已过期"
    r"|出错|无法访问|Not Found)"
    r"|(?:找不到|没有找到|不存在)[^。！!\n]{0,8}(?:页面|网页|文章|内容|信息)"
    r"|\b404\b\s*(?:-|—|:|：)?\s*(?:Not Found|错误|页面|File)|Page Not Found|Object not found",
    re.IGNORECASE,
)
_ERROR_ADDRESS = re.compile(r"/(?:40[34]|50\d|err(?:or)?|not_?found|page404)\b", re.IGNORECASE)
_ERROR_PAGE_LENGTH = 200  # characters of text: an apology and a way home, not an article


def find_absence(
    response: Response, asked: str, portal: Portal, article: Article | None, *, is_known: bool
) -> AbsenceKind | None:
    """How the page is missing, ``None`` when it is there or nothing can be said.

    ``asked`` is the article's address, ``article`` what was read. Only a page that had content
    (``is_known``) can have been emptied.
    """
    if response.status != 200:
        return None
    if is_home(response.url) and not is_home(asked):
        return "home page"
    if _ERROR_ADDRESS.search(urlsplit(response.url).path) and response.url != asked:
        return "error page"
    if article is not None and len(article.text) >= _ERROR_PAGE_LENGTH and article.title:
        is_doubtful = article.layout == "generic" and bool(portal.layouts)
        if not is_doubtful:
            return None
    try:
        selector = Selector(text=page_text(response) or "<html></html>", type="html")
    except (ExtractionError, ValueError):  # nothing that could be read
        return None
    if article is None or len(article.text) < _ERROR_PAGE_LENGTH:
        shown = article.text if article else " ".join(selector.xpath("//body//text()").getall())
        title = (article and article.title) or selector.xpath("string(//title)").get() or ""
        is_short = len("".join(shown.split())) < _ERROR_PAGE_LENGTH
        if is_short and (_SAID.search(title) or _SAID.search(shown)):
            return "error page"
    if is_known and has_emptied_content(selector, portal):
        return "emptied"
    return None


def is_home(url: str) -> bool:
    """Whether an address is a site's home page."""
    parts = urlsplit(url)
    return not parts.query and re.fullmatch(r"/?(?:index\.\w+)?", parts.path) is not None
