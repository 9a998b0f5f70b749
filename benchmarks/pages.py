"""Crawl saved pages of real portals, served on this machine under their host names.

    python benchmarks/pages.py --pages FOLDER [--full]

Every page of FOLDER (`<host>/<name>.html`) gets the address it was saved from, a listing links to
it, and the shipped portal of its host crawls it into a throw-away archive; pages of hosts without
a portal are read by the generic extractor. Prints what was read, for comparison with the page by
eye, and exits 1 when an article was not archived.
"""

import argparse
import http.server
import json
import sys
import tempfile
import threading
from dataclasses import replace
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

from crawler.portal import Listing, Portal
from crawler.rules import Rules
from crawler.spider import PortalSpider
from storage import Archive, Article, ArticleNotFound, canonical_url

# Where the saved pages came from.
ADDRESSES = {
    "360kuai.com/965d47690a7dfa8dc.html": "https://www.360kuai.com/965d47690a7dfa8dc",
    "39.net/news_e7opdxr.html": "https://news.39.net/shx/240423/e7opdxr.html",
    "caijing.com.cn/20240511_5010608.html": "https://economy.caijing.com.cn/20240511/5010608.shtml",
    "china.com.cn/news_117184963_2024.html": (
        "http://news.china.com.cn/2024-05/13/content_117184963.shtml"
    ),
    "china.com.cn/travel_117199185_2024.html": (
        "http://travel.china.com.cn/txt/2024-05/20/content_117199185.shtml"
    ),
    "gmw.cn/news_37330990_2024.html": "https://news.gmw.cn/2024-05/20/content_37330990.htm",
    "kepu.gov.cn/content_1755244_2023.html": (
        "http://www.kepu.gov.cn/politics/2023-12/01/content_1755244.html"
    ),
    "news.cn/politics_leaders_20240509.html": (
        "http://www.news.cn/politics/leaders/20240509/3dd6e33cc6d749fbaae01fea337ff400/c.html"
    ),
    "people.com.cn/gb18030_2022.html": "http://js.people.com.cn/n2/2022/0213/c359574-35131671.html",
    "qq.com/rain_20240513A00GCM00.html": "https://new.qq.com/rain/a/20240513A00GCM00",
    "qq.com/rain_20240518A060RN00.html": "https://new.qq.com/rain/a/20240518A060RN00",
    "southcn.com/node_86987bf032.html": (
        "https://news.southcn.com/node_179d29f1ce/86987bf032.shtml"
    ),
    "southcn.com/node_ae7e7ec561.html": (
        "https://news.southcn.com/node_742c1a40f1/ae7e7ec561.shtml"
    ),
    "theorychina.org.cn/c_1499615_2024.html": (
        "https://www.theorychina.org.cn/c/2024-05-05/1499615.shtml"
    ),
    "weixin.qq.com/s_2650804290.html": "http://mp.weixin.qq.com/s?mid=2650804290&idx=8",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=Path, required=True, help="folder of saved pages")
    parser.add_argument("--full", action="store_true", help="print whole texts")
    arguments = parser.parse_args()
    if not arguments.pages.is_dir():
        print(f"no folder {arguments.pages}; this benchmark needs saved pages", file=sys.stderr)
        return 2
    pages = {
        canonical_url(url): (arguments.pages / name).read_bytes()
        for name, url in ADDRESSES.items()
        if (arguments.pages / name).is_file()
    }
    settings = get_project_settings()
    spiders = make_spiders(Rules(settings), list(pages))
    listings = {url: body for spider in spiders for url, body in serve_listings(spider, pages)}
    with tempfile.TemporaryDirectory() as folder:
        server = start_server({without_scheme(u): b for u, b in (pages | listings).items()})
        crawl(settings, spiders, server.server_port, Path(folder))
        server.shutdown()
        return report(Path(folder), list(pages), arguments.full)


def make_spiders(rules: Rules, urls: list[str]) -> list[type[PortalSpider]]:
    """One spider a portal, its listings cut to the first; a bare portal for unknown hosts."""
    portals: dict[str, Portal] = {}
    for url in urls:
        portal = rules.portal_at(url)
        if portal is None:
            host = urlsplit(url).hostname or ""
            portal = Portal(
                name=host.replace(".", "_").replace("-", "_"),
                title=host,
                hosts=(host,),
                article_url=".",
                listings=(Listing(url=f"https://{host}/benchmark-listing.html"),),
            )
        portals[portal.name] = replace(portal, listings=portal.listings[:1])
    return [
        type(f"Spider{number}", (PortalSpider,), {"portal": portal})
        for number, portal in enumerate(portals.values())
    ]


def serve_listings(spider: type[PortalSpider], pages: dict[str, bytes]) -> list[tuple[str, bytes]]:
    """The portal's first listing page, linking to its saved pages in the listing's own form."""
    listing = spider.portal.listings[0]
    urls = [url for url in pages if spider.portal.has_host(url)]
    if listing.kind == "json":
        names = dict(listing.fields)
        data: object = [{names["url"]: url, names["title"]: "t"} for url in urls]
        for key in reversed(list(filter(None, listing.items.split(".")))):
            data = {key: data}
        return [(listing.page_url(0), json.dumps(data).encode())]
    links = "".join(f'<li><a href="{escape(url)}">文章</a></li>' for url in urls)
    page = f"<html><body><ul>{links}</ul></body></html>"
    if listing.links:  # the links must stand where the rules look for them
        page = f"<html><body>{nest(listing.links, links)}</body></html>"
    return [(listing.page_url(0), page.encode())]


def nest(selector: str, inner: str) -> str:
    """Markup that the last simple part of a CSS selector matches around ``inner``."""
    for part in reversed(selector.split(",")[0].replace(">", " ").split()):
        tag, _, rest = part.partition(".")
        name, _, ident = tag.partition("#")
        inner = f'<{name or "div"} id="{ident}" class="{rest.replace(".", " ")}">{inner}'
        inner += f"</{name or 'div'}>"
    return inner


def without_scheme(url: str) -> str:
    return url.partition("://")[2]


def start_server(bodies: dict[str, bytes]) -> http.server.ThreadingHTTPServer:
    """Serve the bodies by Host header and path on a port of this machine."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = bodies.get(self.headers["Host"] + self.path)
            self.send_response(404 if body is None else 200)
            # No charset: the pages' own declarations count, as on a file server.
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def crawl(settings: Settings, spiders: list[type[PortalSpider]], port: int, folder: Path) -> None:
    """Run all spiders in this process, every host mapped to the server."""
    hosts = {urlsplit(url).hostname for url in ADDRESSES.values()}
    hosts |= {urlsplit(s.portal.listings[0].page_url(0)).hostname for s in spiders}
    handler = "tests.site.hostmap.HostMapDownloadHandler"
    settings.setdict(
        {
            "ARCHIVE_URL": f"sqlite:///{folder / 'archive.db'}",
            "ARCHIVE_WARC": str(folder / "warc"),
            "DOWNLOAD_HANDLERS": {"http": handler, "https": handler},
            "HOST_MAP": {host: f"127.0.0.1:{port}" for host in hosts},
            "DOWNLOAD_DELAY": 0,
            "AUTOTHROTTLE_ENABLED": False,
            "LOG_LEVEL": "ERROR",
        },
        priority="cmdline",
    )
    process = AsyncCrawlerProcess(settings)
    for spider in spiders:
        process.crawl(spider)
    process.start()


def report(folder: Path, urls: list[str], is_full: bool) -> int:
    """Print every article as archived; 1 when one is missing."""
    console = Console(soft_wrap=True, highlight=False)
    missing = 0
    with Archive.open(folder / "archive.db") as archive:
        for url in urls:
            try:
                show(console, archive.version(url).article, is_full)
            except ArticleNotFound:
                reasons = [c.failure for c in archive.captures() if c.url == url and c.failure]
                console.print(f"MISSING {url}: {reasons or 'never listed'}\n", markup=False)
                missing += 1
    console.print(f"{len(urls) - missing} of {len(urls)} pages archived")
    return 1 if missing else 0


def show(console: Console, article: Article, is_full: bool) -> None:
    texts = [block.text for block in article.blocks if block.kind != "caption"]
    lines = {
        "url": article.url,
        "layout": f"{article.portal} / {article.layout}, {article.encoding}",
        "title": article.title,
        "times": f"posted {article.posted_at} ({article.posted_precision}),"
        f" published {article.published_at} ({article.published_basis})",
        "source": article.source,
        "people": f"authors {article.authors}, editors {article.editors}",
        "blocks": f"{len(texts)}, {len(article.text)} characters, {len(article.images)} images",
        "first": texts[0] if texts else None,
        "last": texts[-1] if texts else None,
    }
    for label, value in lines.items():
        console.print(f"{label:<8}{value}", markup=False)
    if is_full:
        console.print(article.text, markup=False)
    console.print()


if __name__ == "__main__":
    sys.exit(main())
