"""`jiedu documents` and `jiedu document` print what the archive knows of policy documents."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.extract.policy import read_policy
from storage import Archive
from tests.crawling import Crawled, run
from tests.policy_article import DOCUMENT, make_article
from tests.records import capture


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An archive of one interpretation."""
    article = make_article()
    article = replace(article, policy=read_policy(article), source="示例网")
    path = tmp_path / "archive.db"
    with Archive.open(path, create=True) as archive:
        archive.add([capture(url=article.url)], article)
    return path


def jiedu(file: Path, *arguments: str) -> Crawled:
    return run("storage.cli", ("--archive", str(file), *arguments), os.environ)


def test_documents_lists_title_number_and_counts(file: Path) -> None:
    done = jiedu(file, "documents", "--query", "数据共享")
    assert done.status == 0, done.errors
    words = "".join(done.output.split())
    assert f"《{''.join(DOCUMENT.split())}》国数政策〔2026〕15号" in words
    assert "no document matches 种子" in jiedu(file, "documents", "--query", "种子").output


def test_a_pipe_gets_all_documents_and_a_short_list_says_so(file: Path) -> None:
    named = "".join(f"《关于第{number}件事的意见》" for number in range(60))
    with Archive.open(file) as archive:
        article = make_article(f"近日印发{named}。", url="https://www.example.cn/60.html")
        archive.add([capture(url=article.url)], replace(article, policy=read_policy(article)))
    lines = jiedu(file, "documents").output.splitlines()
    with Archive.open(file) as archive:
        assert len(lines) == 1 + len(archive.documents()) == 62
    done = jiedu(file, "documents", "--limit", "1")
    assert done.output.splitlines() == lines[:2]
    assert "the first 1; more with --limit" in done.errors


def test_document_shows_who_issued_explains_and_spoke(file: Path) -> None:
    shown = jiedu(file, "document", "国数政策〔2026〕15号").output
    assert "国家数据局、国家发展和改革委员会、司法部" in shown
    assert "explained by" in shown
    assert "国家数据局政策规划司司长纪清和：要守住安全底线。" in shown
    assert "“目录清楚了,部门才敢共享。”" in shown
    done = jiedu(file, "document", "没有的办法")
    assert (done.status, done.output) == (1, "")
    assert done.errors.startswith("jiedu: no article here names the document 没有的办法")
