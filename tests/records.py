"""Small articles and captures for the storage tests, written by hand."""

import datetime as dt
import gzip

from storage import SHANGHAI, Article, Block, Capture, Link, Origin, place_blocks

URL = "http://news.example.cn/jiedu/1001.html"
READER = "1+aaaaaaaa"
START = dt.datetime(2026, 3, 1, 8, 0, tzinfo=dt.UTC)
BODY = (
    "近日，示例省印发《关于推进数据要素流通的若干措施》。",
    "示例省数据局有关负责人表示，措施共五个方面，今年七月起施行。",
    "到2027年，全省数据交易额力争翻一番。",
)


def article(
    *texts: str,
    url: str = URL,
    reader: str = READER,
    layout: str = "2023",
    title: str = "数据要素怎样流通（政策解读）",
) -> Article:
    """An article of the given paragraphs, by default three."""
    blocks = [Block(kind="paragraph", text=text) for text in texts or BODY]
    return Article(
        url=url,
        reader=reader,
        layout=layout,
        portal="example",
        title=title,
        title_main="数据要素怎样流通",
        column_tag="政策解读",
        byline="本报记者 王 芳",
        byline_role="本报记者",
        authors=("王芳",),
        editors=("李明",),
        source="示例日报",
        origin=Origin(medium="示例日报", date=dt.date(2026, 2, 28), page="02", raw="《示例日报》"),
        posted_at=dt.datetime(2026, 3, 1, 9, 30, tzinfo=SHANGHAI),
        posted_precision="minute",
        published_at=dt.datetime(2026, 2, 28, tzinfo=SHANGHAI),
        published_precision="day",
        published_basis="origin",
        blocks=(
            *place_blocks([Block(kind="heading", text="五个方面", level=2), *blocks]),
            Block(kind="caption", text="资料图"),
        ),
        links=(Link(url="http://news.example.cn/doc.html", text="全文"),),
        encoding="utf-8",
    )


def capture(
    body: bytes = b"<p>one</p>",
    *,
    url: str = URL,
    minute: int = 0,
    status: int = 200,
    is_gzip: bool = False,
    **fields: object,
) -> Capture:
    """A capture fetched in the given minute of the tests' time line."""
    headers = [("Content-Type", "text/html; charset=utf-8"), ("X-Note", "caf\xe9 \xb2")]
    if is_gzip:
        body = gzip.compress(body, mtime=0)
        headers.append(("Content-Encoding", "gzip"))
    values = {
        "url": url,
        "status": status,
        "headers": tuple(headers),
        "request_headers": (("User-Agent", "jiedu-tests"),),
        "body": body,
        "captured_at": START + dt.timedelta(minutes=minute),
        "portal": "example",
    }
    return Capture(**(values | fields))  # type: ignore[arg-type]
