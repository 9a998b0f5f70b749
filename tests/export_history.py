"""An archive in two parts: what it knew at a moment, and all that can change what it says."""

from dataclasses import replace

from crawler.extract.policy import read_policy
from storage import Archive, Article, Capture
from tests.records import article, capture

OLD, NEW = "1+aaaaaaaa", "2+bbbbbbbb"
LONG = tuple(
    f"第{n}条讲的是示例省第{n * 7}号安排，{'数据要素流通与公共服务' * 3}各地第{n * 13}次研究。"
    for n in range(1, 12)
)


def url(number: int) -> str:
    return f"http://news.example.cn/jiedu/{number}.html"


def made(number: int, *texts: str, reader: str = OLD, layout: str = "2023") -> Article:
    """Article ``number`` of these paragraphs, with the policy entities that stand in them."""
    found = article(*texts, url=url(number), reader=reader, layout=layout, title=f"第{number}篇")
    return replace(found, policy=read_policy(found))


class History:
    """Visits to an archive; each number is an article, numbered in the order of first visits."""

    def __init__(self, archive: Archive) -> None:
        self.archive, self._minute = archive, 0

    def visit(self, number: int, *texts: str, at: str | None = None, **of: str) -> None:
        """A page with these paragraphs; ``at`` is the address asked for, if it is another one."""
        read = made(number, *texts, **of)
        page = self._page(number, "".join(texts).encode())
        pages = [replace(page, url=at, page=None, status=301)] if at else []
        self.archive.add([*pages, page], read)

    def check(self, number: int) -> None:
        """A visit that is answered with: not modified."""
        sent = self.archive.validators(url(number))
        assert sent is not None
        page = replace(self._page(number, b""), status=304, revisits=sent.capture_id)
        self.archive.add([page], None)

    def miss(self, number: int, status: int = 404) -> None:
        self.archive.add([replace(self._page(number, b"no"), status=status)], None)

    def fail(self, number: int) -> str:
        """A page that could not be read; its visit."""
        added = self.archive.add([self._page(number, b"???")], None, failure="no content")
        (row,) = (row for row in self.archive.captures() if row.id == added.capture_ids[0])
        return row.visit

    def _page(self, number: int, body: bytes) -> Capture:
        self._minute += 1
        page = capture(body + b" %d" % self._minute, url=url(number), minute=self._minute)
        return replace(page, headers=(*page.headers, ("ETag", f'"{number}"')))


def begin(archive: Archive) -> History:
    """What is known first: articles 1 to 8."""
    past = History(archive)
    past.visit(1, "近日印发《关于推进数据要素流通的若干措施》。", "养老服务也在其中。")
    past.visit(2, "城市更新有了新办法，5G 与 AI+ 并举。")
    past.visit(2, "城市更新有了新办法，5G 与 AI+ 并举，补贴增加。")
    past.visit(3, *LONG)
    past.visit(4, "将要消失的一篇，讲养老。")
    past.visit(5, "已经消失的一篇，讲托育。")
    past.miss(5)
    past.miss(5)
    past.visit(6, "将要搬走的一篇，在上海市普陀区。")
    past.visit(7, "一次改版之前的内容，讲养老服务和托育。", "第二段也不短，说的是各地的安排。")
    past.visit(7, "改版以后才看得到的内容。", layout="2026")  # a suspect
    past.visit(8, "规则会变的一篇，讲数据。")
    past.visit(9, "后来被搜索词找到的一篇。")
    past.miss(9)
    return past


def go_on(past: History) -> None:
    """Everything that can happen to them, and new articles besides."""
    archive = past.archive
    past.visit(1, "近日印发《关于推进数据要素流通的若干措施》。", "托育服务也在其中。")
    past.check(2)
    past.visit(10, *LONG[:9])  # a copy of 3, which thereby gets a cluster
    past.miss(4)
    past.miss(4, 410)
    past.visit(5, "已经消失的一篇，讲托育。")
    past.visit(60, "将要搬走的一篇，在上海市普陀区。", at=url(6))
    past.visit(7, "改版以后才看得到的内容。", layout="2026")  # confirmed
    archive.add_reading(
        archive.version(url(8)).id,
        made(8, "规则会变的一篇，讲数据。", "新读出的养老。", reader=NEW),
    )
    past.visit(9, "后来被搜索词找到的一篇：养老。")
    # The number of the document that article 1 named; a county of the region that 6 named.
    past.visit(11, "《关于推进数据要素流通的若干措施》（示政发〔2026〕3号）公布，在上海市黄浦区。")
    visit = past.fail(2)
    archive.place_visit(visit, made(2, "城市更新有了新办法，5G 与 AI+ 并举，补贴又增加。"))
