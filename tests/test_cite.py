"""Citations: GB/T 7714-2015 to the letter, BibTeX that compiles, CSL-JSON by its schema."""

import datetime as dt
import json
import re
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest

from storage import (
    SHANGHAI,
    Archive,
    Article,
    ArticleWithdrawn,
    Origin,
    QueryError,
    Version,
    VersionNotFound,
)
from storage.cite import Style, cite_version
from storage.permalink import parse_permalink
from tests.records import BODY, URL, article, capture

DIGEST = "0123456789abcdef" * 4
LINK = f"{URL}#version=2&sha256={DIGEST}"
SEEN = dt.datetime(2026, 3, 1, 16, 30, tzinfo=dt.UTC)  # half past midnight of the 2nd in Shanghai
# portal, ten digits of the SHA-256 of the address without its scheme, version
KEY = f"news_example_{sha256(b'news.example.cn/jiedu/1001.html').hexdigest()[:10]}_v2"
PRINT = Article(
    url=URL,
    reader="1+a",
    portal="news.example",
    title="让养老服务近在身边(政策解读)",
    title_main="让养老服务近在身边",
    column_tag="政策解读",
    byline="本报记者 柳青禾",
    byline_role="本报记者",
    authors=("柳青禾",),
    source="示例日报",
    origin=Origin(medium="示例日报", date=dt.date(2025, 11, 4), page="02"),
    posted_at=dt.datetime(2025, 11, 5, 8, 0, tzinfo=SHANGHAI),
    posted_precision="minute",
)
ONLINE = replace(PRINT, origin=None)


def cited(of: Article, style: Style = "gbt", **options: dt.date) -> str:
    version = Version(
        id=1, article_id=1, number=2, digest=DIGEST, captured_at=SEEN, recorded_at=SEEN,
        readers=("1+a",), visits=1, captures=1, article=of,
    )  # fmt: skip
    return str(cite_version(URL, version, style=style, **options))


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (PRINT, "柳青禾. 让养老服务近在身边(政策解读)[N]. 示例日报, 2025-11-04(02)."),
        (
            ONLINE,
            f"柳青禾. 让养老服务近在身边(政策解读)[EB/OL]. (2025-11-05)[2026-03-02]. {URL}.",
        ),
        (
            replace(PRINT, authors=("柳青禾", "江帆", "石磊", "罗文")),
            "柳青禾, 江帆, 石磊, 等. 让养老服务近在身边(政策解读)[N]. 示例日报, 2025-11-04(02).",
        ),
        (
            replace(PRINT, authors=("柳青禾", "江帆", "石磊")),
            "柳青禾, 江帆, 石磊. 让养老服务近在身边(政策解读)[N]. 示例日报, 2025-11-04(02).",
        ),
        # a newspaper is not its own author; another outlet that is credited is
        (
            replace(PRINT, authors=(), source="示例网－示例日报"),
            "让养老服务近在身边(政策解读)[N]. 示例日报, 2025-11-04(02).",
        ),
        (
            replace(PRINT, authors=(), source="示例社"),
            "示例社. 让养老服务近在身边(政策解读)[N]. 示例日报, 2025-11-04(02).",
        ),
        # the outlet's own pen
        (
            replace(PRINT, authors=(), byline_role="本报评论员"),
            "本报评论员. 让养老服务近在身边(政策解读)[N]. 示例日报, 2025-11-04(02).",
        ),
        (
            replace(ONLINE, authors=(), byline_role="本报评论员"),
            "示例日报评论员. 让养老服务近在身边(政策解读)[EB/OL]. (2025-11-05)[2026-03-02]."
            f" {URL}.",
        ),
        # the outlet, else the portal's host; no posted date, no page, no title
        (
            replace(ONLINE, authors=(), posted_at=None),
            f"示例日报. 让养老服务近在身边(政策解读)[EB/OL]. [2026-03-02]. {URL}.",
        ),
        (
            replace(ONLINE, authors=(), source=None, title=None),
            f"news.example.cn. [无题名][EB/OL]. (2025-11-05)[2026-03-02]. {URL}.",
        ),
        (
            replace(PRINT, origin=Origin(medium="示例周刊", date=dt.date(2025, 11, 4))),
            "柳青禾. 让养老服务近在身边(政策解读)[N]. 示例周刊, 2025-11-04.",
        ),
        # an origin without its date is no print reference
        (
            replace(PRINT, origin=Origin(medium="示例日报")),
            f"柳青禾. 让养老服务近在身边(政策解读)[EB/OL]. (2025-11-05)[2026-03-02]. {URL}.",
        ),
    ],
)
def test_gbt(of: Article, expected: str) -> None:
    assert cited(of) == expected


def test_the_access_date_may_be_given() -> None:
    assert "[2026-05-06]" in cited(ONLINE, accessed=dt.date(2026, 5, 6))
    assert "[2026-05-06]" in cited(ONLINE, accessed=dt.datetime(2026, 5, 6, 9, tzinfo=dt.UTC))


def test_bibtex_of_a_newspaper() -> None:
    assert cited(PRINT, "bibtex").splitlines() == [
        f"@article{{{KEY},",
        "  author = {柳青禾},",
        "  title = {{让养老服务近在身边(政策解读)}},",
        "  journal = {示例日报},",
        "  entrysubtype = {newspaper},",
        "  date = {2025-11-04},",
        "  year = {2025},",
        "  pages = {02},",
        f"  url = {{{URL}}},",
        "  urldate = {2026-03-02},",
        f"  permalink = {{{LINK}}},",
        "  langid = {chinese},",
        f"  note = {{version 2, captured 2026-03-02T00:30:00+08:00, sha256 {DIGEST}}},",
        "}",
    ]


def test_bibtex_escapes_what_latex_reads() -> None:
    odd = replace(
        ONLINE,
        title="50%的AI+企业 & {数据}_要素 #1 ~ ^ $ \\",
        authors=("Tom, Li", "阿依古丽·买买提"),
        source="R&D网",
        portal=None,
    )
    entry = cited(odd, "bibtex")
    title = (
        r"50\%的AI+企业 \& \{数据\}\_要素 \#1 \textasciitilde{} \textasciicircum{} \$"
        r" \textbackslash{}"
    )
    assert f"  title = {{{{{title}}}}},\n" in entry
    assert "  author = {{Tom, Li} and 阿依古丽·买买提},\n" in entry
    assert r"  organization = {R\&D网}," in entry
    assert entry.startswith("@online{article_")
    assert re.sub(r"\\[{}]", "", entry).count("{") == re.sub(r"\\[{}]", "", entry).count("}")
    body = replace(ONLINE, authors=())
    assert "  author = {{示例日报}},\n" in cited(body, "bibtex")  # a body is no person


# The fields of csl-data.json (CSL 1.0.2) that items may have, of those a reference could need.
_CSL_STRINGS = {"id", "type", "language", "title", "URL", "archive_location", "version", "note",
                "container-title", "page"}  # fmt: skip


@pytest.mark.parametrize("of", [PRINT, ONLINE, replace(ONLINE, posted_at=None, source=None)])
def test_csl_has_the_fields_of_its_schema(of: Article) -> None:
    item = json.loads(cited(of, "csl"))
    assert item["type"] == ("article-newspaper" if of is PRINT else "webpage")
    for name, value in item.items():
        match name:
            case "author":
                assert value == [{"literal": "柳青禾"}]
            case "issued" | "accessed":
                ((year, month, day),) = value["date-parts"]
                dt.date(year, month, day)
                assert set(value) == {"date-parts"}
            case "custom":
                assert value["sha256"] == DIGEST
                assert value["captured_at"] == "2026-03-02T00:30:00+08:00"
            case _:
                assert name in _CSL_STRINGS
                assert isinstance(value, str)
    assert item["accessed"] == {"date-parts": [[2026, 3, 2]]}
    assert item["archive_location"] == LINK
    assert ("issued" in item) == (of.posted_at is not None)
    if of is PRINT:
        assert item["issued"] == {"date-parts": [[2025, 11, 4]]}
        assert (item["container-title"], item["page"]) == ("示例日报", "02")


def test_a_permalink_leads_to_its_version(archive: Archive) -> None:
    for minute, texts in enumerate((BODY, BODY[:2], BODY)):
        archive.add([capture(bytes([65 + minute]), minute=minute)], article(*texts))
    first, second, third = (archive.cite(URL, number) for number in (1, 2, 3))
    assert first.digest == third.digest != second.digest
    assert str(first) == "王芳. 数据要素怎样流通（政策解读）[N]. 示例日报, 2026-02-28(02)."
    for cited_version in (first, second, third):
        found = archive.version(cited_version.permalink)
        assert (found.number, found.digest) == (cited_version.version, cited_version.digest)
    renumbered = second.permalink.replace("version=2", "version=7")  # by another archive
    assert archive.version(renumbered).number == 2
    assert archive.version(first.permalink, 3).number == 3  # a number that is given is obeyed
    assert archive.article(second.permalink).url == URL
    with pytest.raises(VersionNotFound, match="no version here has the digest"):
        archive.version(f"{URL}#version=1&sha256={DIGEST}")
    assert archive.cite(URL).permalink == third.permalink
    assert parse_permalink(f"{URL}#part=2") is parse_permalink(URL) is None


def test_what_cannot_be_cited(
    open_archive: Callable[..., Archive],
) -> None:
    archive = open_archive()
    archive.add([capture()], article())
    with pytest.raises(QueryError, match="gbt, bibtex, csl"):
        archive.cite(URL, style="apa")  # type: ignore[arg-type]
    with pytest.raises(VersionNotFound, match="no version 2"):
        archive.cite(URL, 2)
    archive.withdraw(URL, "court order", by="wang")
    with pytest.raises(ArticleWithdrawn, match="court order"):
        archive.cite(URL)
    with pytest.raises(ArticleWithdrawn):
        archive.diff(URL)
