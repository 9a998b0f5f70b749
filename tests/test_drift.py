"""The drift drill: three portals change overnight, each in its own way.

The crawls go on, the generic extractor reads what was redesigned, and both the crawl's report and
`scrapy probe` name every portal with what to do.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from storage import Archive
from tests.crawling import Operator
from tests.firewall_pages import FIREWALL_PAGES
from tests.site.newsroom import Page
from tests.site.server import SampleSite

GOV, PAPER, JUHE = "zcjd.samples.example", "paper.samples.example", "juhe.samples.example"
PORTALS = {"samples_gov": GOV, "samples_paper": PAPER, "samples_juhe": JUHE}


class DriftingSite(SampleSite):
    """Renames every class and id of one host's article pages once it is told to."""

    renamed: str | None = None

    def page(self, host: str, path: str) -> Page:
        page = super().page(host, path)
        if host != self.renamed or f"https://{host}{path}" in self.listings(host):
            return page
        body = re.sub(rb'\b(class|id)="([^"]*)"', rb'\1="new-\2"', page.body)
        return replace(page, body=body)

    def drift(self) -> None:
        """Rename one portal's classes, redirect another's listing, challenge at the third."""
        self.renamed = GOV
        home = (("Location", f"http://{JUHE}/"),)
        self.replace_page(self.listings(JUHE)[0], b"", status=302, headers=home)
        challenge = FIREWALL_PAGES["jiasule 200"]
        for url in (*self.listings(PAPER), *self.articles(PAPER)):
            self.replace_page(url, challenge.content, headers=challenge.headers)


@pytest.fixture
def site() -> Iterator[DriftingSite]:
    with DriftingSite(articles=24) as running:
        yield running


def counts(archive: Archive) -> dict[str, int]:
    return {portal: len(list(archive.articles(portal))) for portal in PORTALS}


def test_three_drifts_are_survived_and_named(site: DriftingSite, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'archive.db'}"
    operator = Operator(site=site, archive_url=url, folder=tmp_path)
    for portal in PORTALS:
        assert operator.crawl(portal).status == 0
    with operator.archive() as archive:
        before = counts(archive)
        versions = archive.counts()["versions"]

    site.drift()
    said = {portal: operator.crawl(portal) for portal in PORTALS}

    assert {portal: crawled.status for portal, crawled in said.items()} == dict.fromkeys(PORTALS, 1)
    count = len(site.articles(GOV))
    assert (
        f"{count} of {count} articles fit none of the layouts (2023, 2019)"
        in said["samples_gov"].output
    )
    assert "add a layout to the portal's file" in said["samples_gov"].output
    assert "led to the home page http://juhe.samples.example/" in said["samples_juhe"].output
    assert "Look for its new address" in said["samples_juhe"].output
    assert "加速乐" in said["samples_paper"].output
    assert "nothing is done to get around a refusal" in said["samples_paper"].output
    asked = [r.path for r in site.requests if r.host == PAPER]
    assert asked[-2:] == ["/robots.txt", "/GB/1024/index.html"]  # and not one page more

    with operator.archive() as archive:
        assert counts(archive) == before
        assert archive.counts()["versions"] == versions  # a redesign is no edit
        assert not [a.url for a in archive.articles() if a.gone_at]
        for article in archive.articles("samples_gov"):
            latest = max(archive.captures(article.id), key=lambda c: (c.captured_at, c.id))
            assert latest.layout == "generic"
            assert latest.failure is None
            assert latest.version_id == archive.version(article.id).id
            expected, read = site.expected(article.url), archive.version(article.id).article
            assert read.layout == "generic"
            assert read.title == expected["title"]
            assert read.posted_at
            assert read.posted_at.isoformat() == expected["posted_at"]

    probed = operator.scrapy(
        "probe", "--logfile", str(tmp_path / "log"), "--folder", str(tmp_path / "seen")
    )
    assert probed.status == 1
    parts = {p: probed.output.partition(f"{p} (")[2].partition("\n\n")[0] for p in PORTALS}
    assert "articles fit none of 2023, 2019" in parts["samples_gov"]
    assert "add a layout" in parts["samples_gov"]
    assert "led to the home page" in parts["samples_juhe"]
    assert "look for the listing's new address" in parts["samples_juhe"]
    assert "加速乐" in parts["samples_paper"]
    assert "do not work around it" in parts["samples_paper"]
