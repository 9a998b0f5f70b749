"""A government site of the TRS kind: UTF-8, meta tags, `createPageHTML` paging, attachments.

Three templates; the portal's rules know the first two.
"""

import datetime as dt
import re
from collections.abc import Sequence
from html import escape

from tests.site.families.family import Family, ListedArticle, PageRequest, fill
from tests.site.families.markup import Marks, body_html
from tests.site.record import SampleArticle

MARKS = Marks(
    heading='<p style="text-align: justify;"><strong>　　{}</strong></p>',
    paragraph='<p style="text-align: justify;">{}</p>',
    indent="　　",
)


class GovFamily(Family):
    """Pages of zcjd.samples.example, addressed by https."""

    host = "zcjd.samples.example"
    scheme = "https"
    portal = "samples_gov"
    channel = "政策解读"
    encoding = "utf-8"
    declared = "utf-8"
    templates = ("2023", "2019", "2026")
    layouts = {"2023": "2023", "2019": "2019", "2026": "generic"}  # noqa: RUF012  ClassVar in Family
    absent = (
        "当前位置：",
        "分享到：",
        "【打印】",
        "【关闭】",
        "相关阅读",
        "主办单位：样例省人民政府办公厅",
        "网站标识码：9900000001",
        "下一页",
    )

    def article_path(self, number: int, day: dt.date) -> str:
        return f"/jiedu/{day:%Y%m}/t{day:%Y%m%d}_{number}.html"

    def moved_path(self, path: str) -> str:
        return re.sub(r"_(\d+)\.html$", r"_9\1.html", path)

    def page_path(self, path: str, page: int) -> str:
        return path if page == 1 else path.replace(".html", f"_{page - 1}.html")

    def listing_path(self, page: int) -> str:
        return "/jiedu/index.html" if page == 1 else f"/jiedu/index_{page - 1}.html"

    def article_html(self, wanted: PageRequest) -> str:
        article = wanted.article
        posted = dt.datetime.fromisoformat(article.posted_at)
        is_day = article.posted_precision == "day"
        return fill(
            f"gov_{wanted.template}",
            title=article.title,
            kicker=article.kicker or "",
            description=article.description[:80],
            source=article.source or "",
            pub_date=f"{posted:%Y-%m-%d %H:%M}" + (":00" if is_day else ""),
            visible_date=f"{posted:%Y-%m-%d}" if is_day else f"{posted:%Y-%m-%d %H:%M}",
            markup={
                "byline": _byline(article) if wanted.page == 1 else "",
                "body": body_html(article, wanted.page, MARKS),
                "pager": _pager(wanted, self),
                "attachments": _attachments(article),
                "editors": _editors(article),
                "related": _links(wanted.related),
            },
        )

    def listing_html(self, listed: Sequence[ListedArticle], page: int, pages: int) -> str:
        items = "\n".join(
            f'<li><a href="./{item.path.removeprefix("/jiedu/")}" title="{escape(item.title)}">'
            f"{escape(item.title)}</a><span>{item.posted_at:%Y-%m-%d}</span></li>"
            for item in listed
        )
        return fill("gov_listing", total=pages, current=page - 1, markup={"items": items})

    def absent_for(self, article: SampleArticle) -> tuple[str, ...]:
        names = [entry["name"] for entry in article.attachments if entry.get("name")]
        return (*super().absent_for(article), *names, *_editors_text(article))


def _byline(article: SampleArticle) -> str:
    shown = article.show.byline or article.byline
    return f"<p>　　{escape(shown)}</p>" if shown else ""


def _editors_text(article: SampleArticle) -> tuple[str, ...]:
    return (f"责任编辑：{' '.join(article.editors)}",) if article.editors else ()


def _editors(article: SampleArticle) -> str:
    return "".join(f'<div class="editor">{line}</div>' for line in _editors_text(article))


def _attachments(article: SampleArticle) -> str:
    if not article.attachments:
        return ""
    items = "\n".join(
        f'<li>{number}. <a href="{entry["url"]}">{escape(entry["name"])}</a></li>'
        for number, entry in enumerate(article.attachments, 1)
    )
    return f'<div class="attachment"><h4>附件：</h4>\n<ul>\n{items}\n</ul></div>'


def _pager(wanted: PageRequest, family: Family) -> str:
    if wanted.article.page_count == 1:
        return ""
    names = [
        family.page_path(wanted.path, page).rpartition("/")[2]
        for page in range(1, wanted.article.page_count + 1)
    ]
    links = [
        f"<span>{page}</span>" if page == wanted.page else f'<a href="./{name}">{page}</a>'
        for page, name in enumerate(names, 1)
    ]
    if wanted.page < len(names):
        links.append(f'<a href="./{names[wanted.page]}">下一页</a>')
    stem = names[0].removesuffix(".html")
    return (
        f'<div class="pager" id="page_div"><script>var currentPage = {wanted.page - 1};'
        f' var countPage = {len(names)}; createPageHTML(countPage, currentPage, "{stem}", "html");'
        f"</script>{' '.join(links)}</div>"
    )


def _links(related: Sequence[ListedArticle]) -> str:
    return "\n".join(f'<li><a href="{i.path}">{escape(i.title)}</a></li>' for i in related)
