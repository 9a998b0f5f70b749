"""How many pages a listing says it has, and what its next page is called.

The scripts of the common systems state it in their calls; the tables name each with a page or a
program that shows it (domain notes, section 3 and 4). Called by the kinds that read HTML.
"""

import re
from dataclasses import dataclass
from math import ceil
from urllib.parse import urljoin

from parsel import Selector

# TRS: createPageHTML(total, current, "index", "html"), current counted from 0.
_TRS = re.compile(
    r"createPage(?:HTML|Html)?\s*\(\s*(?P<pages>\d+)\s*,\s*(?P<current>\d+)\s*,"
    r"\s*[\"'](?P<name>[\w./-]+)[\"']\s*,\s*[\"'](?P<ext>s?html?)[\"']"
)
# createPageHTML('page_div', pages, current, 'list', 'shtml', items), current counted from 1.
_NAMED = re.compile(
    r"createPage(?:HTML|Html)?\s*\(\s*[\"'][\w-]+[\"']\s*,\s*(?P<pages>\d+)\s*,"
    r"\s*(?P<current>\d+)\s*,\s*[\"'](?P<name>[\w./-]+)[\"']\s*,\s*[\"'](?P<ext>s?html?)[\"']"
    r"(?:\s*,\s*(?P<items>\d+))?"
)
# Beijing: createPageHTML(items, pages, current, ...); elsewhere createPage(pages, ...).
_ITEMS_PAGES = re.compile(r"createPage(?:HTML|Html)?\s*\(\s*(\d+)\s*,\s*(\d+)\s*,\s*\d+\s*[,)]")
_PAGES_ONLY = re.compile(r"createPage(?:HTML|Html)?\s*\(\s*(\d+)\s*[,)]")
_PAGE_COUNTS = (
    re.compile(r"\b(?:countPage|pageCount|totalPages?|page_count)[\"']?\s*[=:]\s*[\"']?(\d+)"),
    re.compile(r"pagination_script_config\s*=\s*\{[^}]*?\btotal[\"']?\s*:\s*[\"']?(\d+)"),  # MOST
    re.compile(r"\stotalpage=[\"'](\d+)"),  # easysite (PBOC)
    re.compile(r"共\s*(?:<[^>]+>\s*)*(\d+)\s*(?:</[^>]+>\s*)*页"),
)
_ITEM_COUNTS = (
    re.compile(
        r"\b(?:recordCount|totalRecords?|totalData|totalCount|totalRec)[\"']?\s*[=:]\s*[\"']?(\d+)"
    ),
    re.compile(r"\btotal\s*:\s*[\"']?(\d+)[\"']?\s*,\s*pageSize"),  # CAC: P.initMathod({params: …})
    re.compile(r"<[^>]+\scount=[\"'](\d+)[\"']"),  # the pager of jpaas
    re.compile(r"<totalrecord>\s*(\d+)", re.IGNORECASE),
)
_PAGE_SIZES = (
    re.compile(r"\b(?:showData|pageSize|page_size|perPage|perpage)[\"']?\s*[=:]\s*[\"']?(\d+)"),
    re.compile(r"<[^>]+\srows=[\"'](\d+)[\"']"),
)
# Beijing pages in the browser: every item stands in the first page.
_IN_BROWSER = re.compile(r"\$list\s*=\s*\$\(\s*[\"']\.default_news li[\"']\s*\)")
_NEXT_LINK = (
    "//a[@href or @tagname][contains(normalize-space(.), '下一页')"
    " or contains(normalize-space(.), '下页') or contains(normalize-space(.), '下一頁')"
    " or @rel='next' or @title='下一页'"
    " or contains(concat(' ', normalize-space(@class), ' '), ' next ')]"
)


@dataclass(frozen=True, slots=True)
class Stated:
    """What a page says about its listing; ``None`` where it says nothing.

    ``next_name`` is the file name of the next page when the script's call gives it.
    """

    pages: int | None = None
    items: int | None = None
    page_size: int | None = None
    next_name: str | None = None


def read_pager(html: str) -> Stated:
    """The pager's numbers in a page or fragment."""
    items, size = _first(_ITEM_COUNTS, html), _first(_PAGE_SIZES, html)
    trs, named = _TRS.search(html), _NAMED.search(html)
    call = trs or named
    if call:
        pages, current = int(call["pages"]), int(call["current"])
        is_last = current + 1 >= pages if trs else current >= pages
        name = None if is_last else f"{call['name']}_{current + 1}.{call['ext']}"
        if named and named["items"]:
            items = int(named["items"])
        return Stated(pages, items, size, name)
    if _IN_BROWSER.search(html):
        return Stated(1, items, size)
    both = _ITEMS_PAGES.search(html)
    if both:
        return Stated(int(both.group(2)), int(both.group(1)), size)
    pages_only = _PAGES_ONLY.search(html)
    pages_found = int(pages_only.group(1)) if pages_only else _first(_PAGE_COUNTS, html)
    if pages_found is None and items is not None and size:
        pages_found = ceil(items / size)
    return Stated(pages_found, items, size)


def next_link(html: str, url: str) -> str | None:
    """Address of the 下一页 link; ``None`` without one, or when it leads nowhere else."""
    page = Selector(text=html or "<html></html>")
    base = urljoin(url, page.css("base::attr(href)").get() or "")
    for anchor in page.xpath(_NEXT_LINK):
        # easysite (PBOC) turns pages by a script that reads the address from `tagname`.
        href = anchor.attrib.get("tagname") or anchor.attrib["href"]
        address = urljoin(base, href.strip())
        if address.startswith(("http://", "https://")) and _bare(address) != _bare(url):
            return address
    return None


def links_to(html: str, url: str, address: str) -> bool:
    """Whether any link of the page leads to ``address``."""
    page = Selector(text=html or "<html></html>")
    hrefs = page.xpath("//a/@href").getall()
    return any(_bare(urljoin(url, href.strip())) == _bare(address) for href in hrefs)


def _bare(address: str) -> str:
    """An address without scheme and fragment: what makes it another page."""
    return address.partition("#")[0].partition("://")[2]


def _first(patterns: tuple[re.Pattern[str], ...], text: str) -> int | None:
    for pattern in patterns:
        found = pattern.search(text)
        if found:
            return int(found.group(1))
    return None
