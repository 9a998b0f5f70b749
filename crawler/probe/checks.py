"""Judge what a probe saw: check by check what fits, what drifted, and what to change.

Called by ``scrapy probe``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from parsel import Selector

from crawler.absence import is_home
from crawler.extract import ExtractionError
from crawler.extract.decode import decode_body
from crawler.portal import Portal
from crawler.probe.article_checks import check_articles
from crawler.probe.seen import Seen, SeenPage
from storage import Probe, clock

Verdict = Literal["fits", "note", "drifted"]
_FULL_PAGE = 10  # links; a page of fewer may well be all there is
_DATED = 0.5  # domain notes, section 7: a home page dates fewer of its links


@dataclass(frozen=True, slots=True)
class Check:
    """One question asked of a portal: what was found, and what to do when it drifted."""

    name: str
    verdict: Verdict
    found: str
    advice: str = ""

    def as_record(self) -> dict[str, str]:
        """For ``storage.Probe``."""
        return asdict(self)


def check_portal(seen: Seen) -> list[Check]:
    """All checks in the order a crawl would meet what they ask about."""
    checks = [*_robots(seen), *_refusals(seen)]
    listings = seen.of_kind("listing")
    if not listings:
        checks.append(
            Check("listing", "drifted", "there is none to read", "name one in the portal's file")
        )
    for page in listings:
        checks += _listing(page, seen.portal)
    checks += [
        Check(name, verdict, found, advice) for name, verdict, found, advice in check_articles(seen)
    ]
    return checks


def _robots(seen: Seen) -> Iterator[Check]:
    answers = seen.of_kind("robots")
    for page in answers:
        host = page.url.split("/")[2]
        delay = seen.delays.get(host)
        wait = f", one request in {delay:g} s" if delay else ""
        yield Check("robots.txt", "fits", f"{host} answers HTTP {page.status}{wait}")
    for page in seen.pages:
        if page.error and "robots.txt" in page.error:
            yield Check(
                "robots.txt",
                "drifted",
                f"{page.asked}: {page.error}",
                "leave it alone: take another listing, or switch the portal off with `off=` and"
                " this reason",
            )
    if not answers and not any("robots.txt" in (page.error or "") for page in seen.pages):
        yield Check(
            "robots.txt", "drifted", "it was not answered", "try again from another network"
        )


def _refusals(seen: Seen) -> Iterator[Check]:
    refused = [page for page in seen.pages if page.refusal]
    for page in refused[:1]:
        yield Check(
            "refusal",
            "drifted",
            f"{page.url}: {page.refusal}",
            "do not work around it: ask the webmaster, or switch the portal off with `off=` and"
            " this reason",
        )
    if not refused:
        yield Check("refusal", "fits", "no answer was a refusal or a challenge")


def _listing(seen: SeenPage, portal: Portal) -> Iterator[Check]:
    assert seen.listing is not None
    name = f"listing {seen.listing.channel or seen.asked}"
    if seen.refusal or (seen.error and "robots.txt" in seen.error):
        return  # said already
    if seen.status != 200:
        yield Check(
            name,
            "drifted",
            f"{seen.asked}: {seen.error or f'HTTP {seen.status}'}",
            "look for the listing's new address and correct it in the portal's file",
        )
        return
    if is_home(seen.url) and not is_home(seen.asked):
        yield Check(
            name,
            "drifted",
            f"{seen.asked} led to the home page {seen.url}",
            "look for the listing's new address and correct it in the portal's file",
        )
        return
    if seen.error or seen.page is None:
        yield Check(
            name,
            "drifted",
            seen.error or "it could not be read",
            "look at the saved page: has it another `kind`, or other `links`?",
        )
        return
    if not seen.page.is_shell:  # a shell only leads to the feed, which was seen as well
        yield _links(name, seen, portal)
    if seen.page.links:
        yield _dates(name, seen)
        yield _pages(name, seen)
    if ":" not in portal.name:  # a family of portals does not know the name of this one
        yield _title(name, seen, portal)


def _links(name: str, seen: SeenPage, portal: Portal) -> Check:
    assert seen.page is not None
    count = len(seen.page.links)
    if count:
        return Check(f"{name}: links", "fits", f"{count} articles on the first page")
    where = f" inside {seen.listing.links!r}" if seen.listing and seen.listing.links else ""
    return Check(
        f"{name}: links",
        "drifted",
        f"no link{where} matches article_url {portal.article_url!r}",
        "look at the saved page and correct `links` or `article_url`",
    )


def _dates(name: str, seen: SeenPage) -> Check:
    assert seen.page is not None
    assert seen.listing is not None
    links = seen.page.links
    dated = sum(link.date is not None for link in links)
    found = f"{dated} of {len(links)} links have a date"
    if dated >= len(links) * _DATED:
        return Check(f"{name}: dates", "fits", found)
    channel = seen.listing.channel
    says_channel = bool(channel and any(channel in text for text in _titles(seen).values()))
    if dated == 0 and (says_channel or seen.listing.kind != "html"):
        return Check(
            f"{name}: dates", "note", f"{found}; a selection by date has to fetch every article"
        )
    return Check(
        f"{name}: dates",
        "drifted",
        f"{found}: is it a home page or its navigation?",
        "look at the saved page; narrow `links` to the list, or correct the listing's address",
    )


def _pages(name: str, seen: SeenPage) -> Check:
    assert seen.page is not None
    assert seen.listing is not None
    page, stated = seen.page, []
    if page.claimed is not None:
        stated.append(f"{page.claimed} items")
    if page.pages is not None:
        stated.append(f"{page.pages} pages")
    found = f"it says {', '.join(stated)}" if stated else "it does not say how many"
    following = next((asked.url for asked in page.following), None)
    if following:
        return Check(f"{name}: paging", "fits", f"{found}; page 2 is {following}")
    is_all = page.pages == 1 or (page.claimed is not None and page.claimed <= page.shown)
    if seen.listing.pages > 1 and not is_all:
        return Check(
            f"{name}: paging",
            "drifted" if len(page.links) >= _FULL_PAGE else "note",
            f"{found}, and no second page was found though the rules expect some",
            "look how the page leads to its second one and correct the address or `paging`",
        )
    return Check(f"{name}: paging", "fits", f"{found}; it is one page")


def _title(name: str, seen: SeenPage, portal: Portal) -> Check:
    titles = _titles(seen)
    site = titles.get("SiteName") or titles.get("title") or ""
    shown = ", ".join(f"{label} {text}" for label, text in titles.items()) or "none"
    if not titles or any(portal.title in text or text in portal.title for text in titles.values()):
        return Check(f"{name}: name", "fits", shown)
    return Check(
        f"{name}: name", "note", f"{site!r} is not {portal.title!r}: is it the right site?"
    )


def _titles(seen: SeenPage) -> dict[str, str]:
    """What a page calls itself: SiteName, ColumnName and title."""
    try:
        text = decode_body(seen.body, seen.content_type, seen.url).text
    except ExtractionError:
        return {}
    if text.lstrip()[:1] != "<":
        return {}
    page = Selector(text=text)
    found = {"title": page.xpath("string(//title)").get()}
    for meta in page.xpath("//meta[@name and @content]"):
        for name in ("SiteName", "ColumnName"):
            if meta.attrib["name"].lower() == name.lower():
                found[name] = meta.attrib["content"]
    return {
        name: " ".join(value.split()) for name, value in found.items() if value and value.strip()
    }


def probe_record(seen: Seen, checks: Sequence[Check], folder: str) -> Probe:
    """The outcome of a probe as the archive keeps it."""
    return Probe(
        portal=seen.portal.name,
        probed_at=clock.now(),
        is_passed=all(check.verdict != "drifted" for check in checks),
        is_real=seen.is_real and bool(seen.pages),
        checks=tuple(check.as_record() for check in checks),
        folder=folder,
    )
