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


def test_document_shows_who_issued_explains_and_spoke(file: Path) -> None:
    shown = jiedu(file, "document", "国数政策〔2026〕15号").output
    assert "国家数据局、国家发展和改革委员会、司法部" in shown
    assert "explained by" in shown
    assert "国家数据局政策规划司司长纪清和：要守住安全底线。" in shown
    assert "“目录清楚了,部门才敢共享。”" in shown
    done = jiedu(file, "document", "没有的办法")
    assert (done.status, done.output) == (1, "")
    assert done.errors.startswith("jiedu: no article here names the document 没有的办法")
