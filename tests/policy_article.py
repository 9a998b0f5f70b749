"""An interpretation in the founding article's shape, written for the tests; no text of others.

Offsets are counted by marking: ``mark`` finds a part of the text and says where it stands.
"""

from storage import Article, Block, place_blocks

URL = "https://www.example.cn/zcjd/202605/t20260520_1.html"
TITLE = "让数据多跑路、群众少跑腿(政策解读)"
DOCUMENT = "关于推进政务数据共享 提升办事效率的实施意见"
PARAGRAPHS = (
    "近日,国家数据局、国家发展改革委、司法部印发《关于推进政务数据共享 提升办事效率的实施意见》"
    "(国数政策〔2026〕15号,以下简称《实施意见》),部署5个方面任务。",
    "“数据通了,事情才好办;‘一表通办’不是口号,是承诺。”国家数据局局长程望北表示。",
    "群众办事怎样少跑腿?",
    "在上海普陀区,材料由系统自动调取。在浙江杭州钱塘区,“秒批通”平台已服务3.2万家企业。",
    "《实施意见》提出,到2027年,高频事项全部实现“免证办”,群众满意度达到95%以上。"
    "到2030年,全国一体化政务数据体系全面建成。",
    "国家数据局党组成员、副局长沈溪亭介绍,《实施意见》明确了共享责任。",
    "国家数据局政策规划司司长纪清和表示,要守住安全底线。",
    "“目录清楚了,部门才敢共享。”沈溪亭说。比如重庆,已经归集目录9万条。",
    "沈溪亭表示,下一步将开展评估。",
)


def make_article(*paragraphs: str, title: str | None = TITLE, url: str = URL) -> Article:
    """An article of the given paragraphs, by default the interpretation."""
    blocks = [Block(kind="paragraph", text=text) for text in paragraphs or PARAGRAPHS]
    tag = "政策解读" if title and title.endswith("(政策解读)") else None
    return Article(
        url=url, reader="3+test", title=title, column_tag=tag, blocks=place_blocks(blocks)
    )


def mark(article: Article, part: str, nth: int = 0) -> tuple[int, int]:
    """Offsets of the ``nth`` occurrence of ``part``, counted from 0."""
    start = -1
    for _ in range(nth + 1):
        start = article.text.index(part, start + 1)
    return start, start + len(part)
