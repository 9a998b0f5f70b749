"""Policy entities in the archive: kept with each reading, one row a document, on both backends."""

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from crawler.extract.policy import read_policy
from storage import SHANGHAI, Archive, Article, DocumentNotFound, Origin
from storage.policy_schema import AgencyRow, CitationRow, DocumentRow, RegionRow, TargetRow
from storage.schema import Table
from tests.policy_article import DOCUMENT, TITLE, make_article
from tests.records import capture

OTHER = "https://www.example.cn/xw/202605/t20260521_2.html"
SPELLED = "《 关于推进政务数据共享　提升办事效率的实施意见 》"


def _read(article: Article) -> Article:
    return replace(article, policy=read_policy(article))


def _interpretation() -> Article:
    day = dt.datetime(2026, 5, 20, tzinfo=SHANGHAI)
    article = replace(
        make_article(),
        source="示例网",
        origin=Origin(medium="示例日报", date=day.date(), page="02"),
        published_at=day,
        published_precision="day",
        published_basis="origin",
    )
    return _read(article)


def _news(*paragraphs: str, url: str = OTHER, title: str = "某市推进数据共享") -> Article:
    return _read(replace(make_article(*paragraphs, title=title, url=url), source="某晚报"))


def _add(archive: Archive, article: Article, minute: int = 0) -> None:
    archive.add([capture(article.url.encode(), url=article.url, minute=minute)], article)


def test_entities_come_back_as_they_were_read(archive: Archive) -> None:
    article = _interpretation()
    _add(archive, article)
    stored = archive.version(article.url).article
    assert stored == article
    assert len(stored.policy.statements) == 5
    assert stored.interpretation_type == "media"


def test_a_document_is_one_row_however_it_is_written(archive: Archive) -> None:
    _add(archive, _interpretation())
    _add(archive, _news(f"会议学习了{SPELLED}。"), 1)
    numbered = "《关于推进政务数据共享的实施意见》（国数政策〔2026〕15号）已印发。"
    _add(archive, _news(numbered, url=OTHER + "?n=3"), 2)
    (found,) = archive.documents()
    assert (found.cited_by, found.interpreted_by, found.number) == (3, 1, "国数政策〔2026〕15号")
    document = archive.document(DOCUMENT)
    assert document.summary == found
    assert set(document.titles) == {
        DOCUMENT,
        "关于推进政务数据共享　提升办事效率的实施意见",
        "关于推进政务数据共享的实施意见",
    }


def test_the_same_title_with_another_number_is_another_document(archive: Archive) -> None:
    text = "《关于做好春耕工作的通知》（农发〔{}〕3号）已印发。"
    _add(archive, _news(text.format(2025)))
    _add(archive, _news(text.format(2026), url=OTHER + "?n=2"), 1)
    assert [d.number for d in archive.documents()] == ["农发〔2025〕3号", "农发〔2026〕3号"]
    assert archive.document("农发[2026]3号").summary.number == "农发〔2026〕3号"


def test_a_bare_type_is_no_document_across_articles(archive: Archive) -> None:
    _add(archive, _news("《意见》提出，要加强统筹。《通知》强调落实。"))
    assert archive.documents() == []


def test_a_documents_page_names_issuers_articles_and_speakers(archive: Archive) -> None:
    _add(archive, _interpretation())
    said = f"市数据局局长凌海涛说，{SPELLED}来得及时。"
    _add(archive, _news(said, "市民政局局长贺兰山说，养老也要抓。"), 1)
    document = archive.document("国数政策（2026）15号")
    assert document.issuers == ("国家数据局", "国家发展和改革委员会", "司法部")
    assert document.short_names == ("实施意见",)
    explains, cites = document.articles
    assert (explains.title, explains.outlet, explains.date) == (
        TITLE, "示例日报", dt.date(2026, 5, 20),
    )  # fmt: skip
    assert explains.evidence == ("issued", "alias", "mentions")
    assert (explains.interpretation_type, explains.mentions) == ("media", 4)
    assert (cites.outlet, cites.evidence, cites.mentions) == ("某晚报", (), 1)
    spoke = [(s.speaker, s.organisation, s.posts, s.kind) for s in document.statements]
    assert spoke == [
        ("程望北", "国家数据局", ("局长",), "direct"),
        ("沈溪亭", "国家数据局", ("党组成员", "副局长"), "reported"),
        ("纪清和", "国家数据局政策规划司", ("司长",), "reported"),
        ("沈溪亭", "国家数据局", ("党组成员", "副局长"), "direct"),
        ("沈溪亭", "国家数据局", ("党组成员", "副局长"), "reported"),
        ("凌海涛", "市数据局", ("局长",), "reported"),  # 贺兰山 speaks of something else
    ]


def test_only_the_current_reading_of_the_latest_version_counts(
    open_archive: Callable[..., Archive],
) -> None:
    archive = open_archive()
    _add(archive, _news("《关于甲的通知》已印发。"))
    _add(archive, _news("《关于乙的办法》已印发，内容完全不同的一段文字。"), 5)
    assert [d.title for d in archive.documents()] == ["关于乙的办法"]
    with pytest.raises(DocumentNotFound, match="关于丙的规定"):
        archive.document("关于丙的规定")
    with pytest.raises(DocumentNotFound):
        archive.document(2**70)


def test_documents_are_found_by_part_of_title_or_number(archive: Archive) -> None:
    _add(archive, _interpretation())
    _add(archive, _news("《关于做好春耕工作的通知》（农发〔2025〕3号）"), 1)
    assert [d.title for d in archive.documents("数据共享 提升")] == [DOCUMENT]
    assert [d.number for d in archive.documents("农发（2025）3号")] == ["农发〔2025〕3号"]
    assert archive.documents("100%_") == []
    assert len(archive.documents(limit=1)) == 1


def test_sql_can_ask_for_regions_targets_and_agencies(archive: Archive) -> None:
    _add(archive, _interpretation())
    with archive._engine.connect() as connection:
        codes = set(connection.scalars(select(RegionRow.code)))
        years = list(connection.scalars(select(TargetRow.year).order_by(TargetRow.ordinal)))
        agencies = connection.scalar(select(func.count()).select_from(AgencyRow))
        cited = connection.execute(
            select(CitationRow.start, CitationRow.block, DocumentRow.title)
            .join(DocumentRow)
            .order_by(CitationRow.ordinal)
        ).first()
    assert codes == {"310107", "330114", "500000"}
    assert (years, agencies) == ([2027, 2030], 3)
    assert cited is not None
    assert (cited.block, cited.title) == (0, DOCUMENT)


def test_writers_at_once_make_one_document(open_archive: Callable[..., Archive]) -> None:
    archives = [open_archive() for _ in range(4)]
    barrier = threading.Barrier(len(archives))
    failures: list[BaseException] = []

    def add(number: int, archive: Archive) -> None:
        lines = ["《关于甲的通知》（甲发〔2026〕1号）。", "《关于乙的办法》和《关于丙的规定》。"]
        ordered = lines if number % 2 else lines[::-1]
        article = _news(*ordered, url=f"{OTHER}?n={number}")
        barrier.wait()
        try:
            _add(archive, article, number)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=add, args=pair) for pair in enumerate(archives)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    cited = {document.title: document.cited_by for document in archives[0].documents()}
    assert cited == {"关于甲的通知": 4, "关于乙的办法": 4, "关于丙的规定": 4}


def test_another_reading_adds_entities_and_no_version(
    open_archive: Callable[..., Archive],
) -> None:
    """What an archive of the release before gets from `scrapy reextract`."""
    article = replace(_interpretation(), reader="2+test")
    before = open_archive()
    _add(before, replace(article, policy=type(article.policy)()))
    assert before.documents() == []
    today = _interpretation()
    archive = open_archive(reread=lambda portal, captures: today)
    (version_id,) = archive.version_ids()
    assert archive.reread_version(version_id)
    assert not archive.reread_version(version_id)
    assert archive.counts()["versions"] == 1
    assert archive.counts()["readings"] == 2
    assert [d.title for d in archive.documents()] == [DOCUMENT]
    assert archive.version(article.url).article.policy == today.policy


def test_a_withdrawn_article_names_no_document_and_an_erased_one_leaves_no_name(
    archive: Archive,
) -> None:
    _add(archive, _interpretation())
    _add(archive, _news(f"会议学习了{SPELLED}。"), 1)
    url = _interpretation().url
    archive.withdraw(url, reason="personal data", by="an archivist")
    (found,) = archive.documents()
    assert (found.cited_by, found.interpreted_by) == (1, 0)
    assert not archive.document(DOCUMENT).statements
    archive.withdraw(url, reason="personal data", by="an archivist", erase=True)
    with archive.engine.connect() as connection:
        for table in Table.metadata.sorted_tables:
            if "reading_id" in table.c and table.name not in ("reading_captures",):
                kept = connection.scalars(select(table.c.reading_id)).all()
                assert set(kept) <= {2}, table.name
    assert len(archive.documents()) == 1
