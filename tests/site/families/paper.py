"""A newspaper's site of the people.com.cn kind: GB18030 bytes that declare gb2312.

推荐阅读 stands inside the main column. Two templates; the portal's rules know the first.
"""

import datetime as dt
import re
from collections.abc import Sequence
from html import escape

from tests.site.families.family import Family, ListedArticle, PageRequest, fill
from tests.site.families.markup import Marks, body_html
from tests.site.record import SampleArticle

MARKS = Marks(
    heading='<p style="text-indent: 2em;"><strong>{}</strong></p>',
    paragraph='<p style="text-indent: 2em;">\n\t{}</p>',
    indent="　　",
)


RANKING = (
    "溪口镇糖画手艺人的一天",
    "佘砚秋：把《二十四格抽屉》搬上舞台",
    "山东东营一小区试点错峰停车",
    "云南昆明举办古籍修复体验活动",
)


class PaperFamily(Family):
    """Pages of paper.samples.example, addressed by http."""

    host = "paper.samples.example"
    scheme = "http"
    portal = "samples_paper"
    channel = "时政解读"
    encoding = "gb18030"
    declared = "gb2312"
    templates = ("2020", "2026")
    layouts = {"2020": "2020", "2026": "generic"}  # noqa: RUF012  ClassVar in Family
    absent = (
        "远山日报网>>",
        "推荐阅读",
        "热门排行",
        "分享让更多人看到",
        "客户端下载",
        "远山日报社概况",
        "下一页",
        "技术支持：䶮川网络",
        *RANKING,
    )

    def article_path(self, number: int, day: dt.date) -> str:
        return f"/n1/{day:%Y}/{day:%m%d}/c1024-{number}.html"

    def moved_path(self, path: str) -> str:
        return re.sub(r"-(\d+)\.html$", r"-9\1.html", path)

    def page_path(self, path: str, page: int) -> str:
        return path if page == 1 else path.replace(".html", f"-{page}.html")

    def listing_path(self, page: int) -> str:
        return f"/GB/1024/index{page if page > 1 else ''}.html"

    def article_html(self, wanted: PageRequest) -> str:
        article = wanted.article
        is_last = wanted.page == article.page_count
        return fill(
            f"paper_{wanted.template}",
            title=article.title,
            kicker=article.kicker or "",
            description=article.description[:60],
            source=article.source or "",
            visible_time=_visible_time(article),
            publish_date=article.posted_at[:10],
            markup={
                "byline": _byline(article) if wanted.page == 1 else "",
                "body": body_html(article, wanted.page, MARKS),
                "origin": (_origin(article) if is_last else "") + _pager(wanted, self),
                "editors": "".join(_editors_text(article)) if is_last else "",
                "related": _links(wanted.related),
                "ranking": "\n".join(f'<li><a href="/hot/">{name}</a></li>' for name in RANKING),
            },
        )

    def listing_html(self, listed: Sequence[ListedArticle], page: int, pages: int) -> str:
        items = "\n".join(
            f'<li><a href="{item.path}" target="_blank">{escape(item.title)}</a>'
            f" <em>{item.posted_at:%Y-%m-%d}</em></li>"
            for item in listed
        )
        links = " ".join(
            f'<a href="{self.listing_path(n)}"{" class=common_current_page" * (n == page)}>{n}</a>'
            for n in range(1, pages + 1)
        )
        return fill("paper_listing", markup={"items": items, "pages": links})

    def absent_for(self, article: SampleArticle) -> tuple[str, ...]:
        return (*super().absent_for(article), *_editors_text(article))


def _visible_time(article: SampleArticle) -> str:
    posted = dt.datetime.fromisoformat(article.posted_at)
    clock = {"day": "", "minute": "%H:%M", "second": "%H:%M:%S"}[article.posted_precision]
    return posted.strftime(f"%Y年%m月%d日{clock}")


def _byline(article: SampleArticle) -> str:
    shown = article.show.byline or article.byline
    return MARKS.paragraph.format(f"　　{escape(shown)}") if shown else ""


def origin_text(article: SampleArticle, open_bracket: str, close_bracket: str) -> str:
    """The origin line as papers' sites write it, or as the record has it when it is another."""
    origin = article.origin or {}
    raw = origin.get("raw") or ""
    if not origin.get("date") or not origin.get("page"):
        return raw
    day = dt.date.fromisoformat(origin["date"])
    shown = (
        f"《 {origin['medium']} 》{open_bracket} {day:%Y年%m月%d日}   {origin['page']} 版"
        f"{close_bracket}"
    )
    return shown if not raw or "".join(raw.split()) == "".join(shown.split()) else raw


def _origin(article: SampleArticle) -> str:
    if not article.origin:
        return ""
    shown = escape(origin_text(article, "（", "）"))
    return f'<p class="paper_num" id="paper_num">　　{shown}</p>'


def _editors_text(article: SampleArticle) -> tuple[str, ...]:
    return (f"(责编：{'、'.join(article.editors)})",) if article.editors else ()


def _pager(wanted: PageRequest, family: Family) -> str:
    count = wanted.article.page_count
    if count == 1:
        return ""
    links = [
        f"<b>【{page}】</b>"
        if page == wanted.page
        else f'<a href="{family.page_path(wanted.path, page)}">【{page}】</a>'
        for page in range(1, count + 1)
    ]
    if wanted.page < count:
        links.append(f'<a href="{family.page_path(wanted.path, wanted.page + 1)}">下一页</a>')
    return f'<div class="zdfy clearfix">{" ".join(links)}</div>'


def _links(related: Sequence[ListedArticle]) -> str:
    return "\n".join(
        f'<li><a href="{i.path}" title="{escape(i.title)}">{escape(i.title)}</a></li>'
        for i in related
    )
