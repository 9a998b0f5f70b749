"""`scrapy list --status`: what is known of each portal."""

import datetime as dt
from pathlib import Path
from typing import Literal

import pytest

from crawler.portal import Portal
from crawler.probe import probe_state
from storage import Archive, Probe
from tests.crawling import Operator
from tests.site.server import SampleSite

START = dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC)


def portal(evidence: Literal["page", "code"] = "code") -> Portal:
    return Portal(
        name="samples_gov", title="x", hosts=("x.cn",), article_url=".", evidence=evidence
    )


def probe(passed: bool, *, real: bool = True, day: int = 1) -> Probe:
    check = {
        "name": "layout",
        "verdict": "fits" if passed else "drifted",
        "found": "",
        "advice": "",
    }
    return Probe(
        portal="samples_gov", probed_at=START.replace(day=day), is_passed=passed, is_real=real,
        checks=(check,), folder="probes/samples_gov",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("evidence", "probes", "word"),
    [
        ("code", [], "unprobed"),
        ("code", [probe(True, real=False)], "unprobed"),
        ("code", [probe(False)], "unprobed"),
        ("code", [probe(True)], "probed"),
        ("code", [probe(True), probe(False)], "drifted"),
        ("code", [probe(True), probe(False), probe(True)], "probed"),
        ("code", [probe(True), probe(False, real=False)], "probed"),
        ("page", [], "from pages"),
        ("page", [probe(False)], "drifted"),
        ("page", [probe(True)], "probed"),
    ],
)
def test_only_the_real_portal_makes_a_portal_probed(
    evidence: Literal["page", "code"], probes: list[Probe], word: str
) -> None:
    assert probe_state(portal(evidence), probes).word == word


def test_probes_come_back_as_they_were_kept(archive: Archive) -> None:
    kept = [probe(True), probe(False, day=2)]
    for entry in kept:
        archive.add_probe(entry)
    assert archive.probes("samples_gov") == kept
    assert archive.probes() == kept
    assert archive.probes("another") == []


def test_the_table_shows_state_and_last_crawl(tmp_path: Path) -> None:
    with SampleSite(articles=6) as site:
        url = f"sqlite:///{tmp_path / 'archive.db'}"
        operator = Operator(site=site, archive_url=url, folder=tmp_path)
        before = operator.scrapy("list", "--status", COLUMNS="200")
        assert before.status == 0, before.errors
        assert before.output.count("never") == 3
        assert not (tmp_path / "archive.db").exists()
        operator.crawl("samples_gov")
        with Archive.open(url) as archive:
            archive.add_probe(probe(True))
            archive.add_probe(probe(False, day=2))
        after = operator.scrapy("list", "--status", COLUMNS="200")
        (line,) = [line for line in after.output.splitlines() if line.startswith("samples_gov")]
        assert "drifted 2026-03-02: layout" in line
        count = len(site.articles("zcjd.samples.example"))
        assert f"finished: {count} listed, {count} new, 0 failed" in line
        assert after.output.count("from pages") == 2
        built = ("-s", "SPIDER_MODULES=tests.unprobed")
        assert operator.scrapy("list", "--status", *built, COLUMNS="200").output.count("unprobed")
        assert operator.scrapy("list").output.split() == [
            "samples_gov", "samples_juhe", "samples_paper",
        ]  # fmt: skip
        assert operator.scrapy("list", "x").status == 2
