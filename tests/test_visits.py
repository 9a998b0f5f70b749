"""Visits of sample articles: what the publisher changed is a version, nothing else is."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from crawler.extract import ExtractionError
from crawler.page import read_capture
from crawler.portal import Layout, Portal
from storage import Archive
from tests.crawling import fetch, visit
from tests.site.portals.samples_gov import SamplesGov
from tests.site.portals.samples_juhe import SamplesJuhe
from tests.site.server import SampleSite

Opener = Callable[..., Archive]
GOV, JUHE = SamplesGov.portal, SamplesJuhe.portal


@pytest.fixture(scope="module")
def site() -> Iterator[SampleSite]:
    with SampleSite(articles=24) as running:
        yield running


@pytest.fixture(autouse=True)
def _restore(site: SampleSite) -> Iterator[None]:
    yield
    site.rotate = True


def reader_of(portal: Portal) -> Callable[..., object]:
    """A re-reader with these rules, as the session gives the archive."""
    return lambda name, captures: read_capture(captures[0], portal)


def test_a_hundred_visits_of_a_rotating_page_are_one_version(
    archive: Archive, site: SampleSite
) -> None:
    url = site.articles("juhe.samples.example")[0]
    bodies = {fetch(site, url).body for _ in range(3)}
    assert len(bodies) == 3  # the page really differs each time
    for _ in range(100):
        visit(archive, site, url, JUHE)
    assert archive.counts() == {"articles": 1, "versions": 1, "readings": 1, "captures": 100}


def test_a_hundred_visits_of_a_still_page_are_one_response(
    archive: Archive, site: SampleSite
) -> None:
    site.rotate = False
    url = site.articles("juhe.samples.example")[1]
    for _ in range(100):
        visit(archive, site, url, JUHE)
    kinds = [capture.record_type for capture in archive.captures()]
    assert kinds == ["response"] + ["revisit"] * 99


@pytest.mark.parametrize("host", ["juhe.samples.example", "zcjd.samples.example"])
def test_edits_and_reverts_are_versions(archive: Archive, site: SampleSite, host: str) -> None:
    portal = JUHE if host.startswith("juhe") else GOV
    url = next(u for u in site.articles(host) if site.expected(u)["page_count"] == 1)
    visit(archive, site, url, portal)
    site.edit(url)
    assert visit(archive, site, url, portal).version == 2
    site.revert(url)
    assert visit(archive, site, url, portal).version == 3
    assert visit(archive, site, url, portal).state == "unchanged"


def test_a_redesign_is_a_reading_and_no_version(open_archive: Opener) -> None:
    with SampleSite(articles=24) as site, open_archive(reread=reader_of(GOV)) as archive:
        url = site.articles("zcjd.samples.example")[3]
        visit(archive, site, url, GOV)
        site.redesign("zcjd.samples.example")
        for _ in range(2):
            assert visit(archive, site, url, GOV).state == "unchanged"
        version = archive.version(url)
        assert archive.counts()["versions"] == 1
        assert len(version.readers) == 2
        assert version.article.layout == "2019"


def test_a_redesign_no_layout_fits_is_read_generically(open_archive: Opener) -> None:
    with SampleSite(articles=24) as site, open_archive(reread=reader_of(GOV)) as archive:
        url = site.articles("zcjd.samples.example")[3]
        visit(archive, site, url, GOV)
        site.redesign("zcjd.samples.example", "2026")
        assert visit(archive, site, url, GOV).state == "unchanged"
        assert archive.version(url).article.layout == "generic"


def test_a_changed_rule_is_a_reading_and_no_version(open_archive: Opener, site: SampleSite) -> None:
    layouts = tuple(replace(layout, drop=".ad") for layout in GOV.layouts)
    changed = replace(GOV, layouts=layouts)
    url = site.articles("zcjd.samples.example")[4]
    with open_archive() as archive:
        visit(archive, site, url, GOV)
    with open_archive(reread=reader_of(changed)) as archive:
        for _ in range(2):
            assert visit(archive, site, url, changed).state == "unchanged"
        assert len(archive.version(url).readers) == 2
        assert archive.counts()["versions"] == 1


def test_a_new_layout_leaves_old_readings_alone(open_archive: Opener, site: SampleSite) -> None:
    new = Layout(name="future", content="div.of-2030")
    changed = replace(GOV, layouts=(new, *GOV.layouts))
    url = site.articles("zcjd.samples.example")[4]
    with open_archive() as archive:
        visit(archive, site, url, GOV)
    with open_archive(reread=reader_of(changed)) as archive:
        visit(archive, site, url, changed)
        assert archive.counts()["readings"] == 1


def test_a_new_extractor_release_is_a_reading_and_no_version(
    open_archive: Opener, site: SampleSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = site.articles("zcjd.samples.example")[5]
    with open_archive() as archive:
        visit(archive, site, url, GOV)
    monkeypatch.setattr("crawler.extract.article.RELEASE", "next")
    with open_archive(reread=reader_of(GOV)) as archive:
        for _ in range(2):
            assert visit(archive, site, url, GOV).state == "unchanged"
        version = archive.version(url)
        assert [reader.partition("+")[0] for reader in version.readers][1:] == ["next"]
        assert archive.counts()["versions"] == 1


def test_gzip_bytes_come_back_as_served(archive: Archive, site: SampleSite) -> None:
    url = site.articles("paper.samples.example")[0]
    site.gzip = True
    try:
        capture = fetch(site, url, is_gzip=True)
    finally:
        site.gzip = False
    assert capture.body[:2] == b"\x1f\x8b"
    added = archive.add([capture], read_capture(capture, None))
    assert archive.read_capture(added.capture_ids[0]).body == capture.body


def test_a_defect_of_the_extractor_loses_no_page(
    site: SampleSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = site.articles("zcjd.samples.example")[0]
    capture = fetch(site, url)

    def broken(*args: object, **kwargs: object) -> None:
        raise NameError("mistyped")

    monkeypatch.setattr("crawler.page.extract", broken)
    with pytest.raises(ExtractionError, match=r"mistyped.*the capture is kept"):
        read_capture(capture, GOV)
