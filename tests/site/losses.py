"""The ways an article's page goes missing, by status and without one.

Called by ``tests.site.newsroom``, which keeps which article is lost how.
"""

from dataclasses import replace
from typing import Literal

from tests.site.record import SampleArticle, Show

Loss = Literal["HTTP 404", "HTTP 410", "home page", "error page", "error address", "emptied"]
LOSSES: tuple[Loss, ...] = (
    "HTTP 404", "home page", "error page", "emptied", "HTTP 410", "error address",
)  # fmt: skip
STATUSES = {"HTTP 404": 404, "HTTP 410": 410}
LOCATIONS = {"home page": "/", "error address": "/404.html"}
APOLOGY = (
    "<html><head><title>提示</title></head><body><h1>404</h1>"
    "<p>抱歉，您访问的页面不存在，请<a href='/'>返回首页</a>。</p></body></html>"
)


def emptied(article: SampleArticle) -> SampleArticle:
    """The article as a page shows it from which everything but the title has been taken."""
    return replace(
        article,
        blocks=(),
        kicker=None,
        byline=None,
        editors=(),
        origin=None,
        source=None,
        images=(),
        attachments=(),
        page_count=1,
        show=Show(),
    )
