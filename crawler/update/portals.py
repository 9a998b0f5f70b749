"""Which portals an update works on, and which of them must wait for one another."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from scrapy.settings import BaseSettings

from crawler.portal import Portal, PortalError
from crawler.rules import Rules
from storage import Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A portal, the name of its spider and the spider's arguments."""

    portal: Portal
    spider: str
    arguments: dict[str, str] = field(default_factory=dict)


def choose(settings: BaseSettings, archive: Archive, names: Sequence[str]) -> list[Chosen]:
    """The named portals; without names all that are on, and the sites crawled by their lists.

    A site of a family is named ``family:host``; the archive knows its lists. Raises
    ``PortalError`` for an unknown name, a portal that is off, and a site never crawled.
    """
    rules = Rules(settings)
    sites = _sites(archive, rules)
    known = [name for name in names if name not in sites]
    chosen = [Chosen(portal=portal, spider=portal.name) for portal in _portals(rules, known, names)]
    wanted = [site for name, site in sites.items() if not names or name in names]
    return [*chosen, *wanted]


def _portals(rules: Rules, known: Sequence[str], names: Sequence[str]) -> list[Portal]:
    if names and not known:
        return []
    for name in known:
        if ":" in name:
            raise PortalError(
                f"{name} has never been crawled; begin with: scrapy crawl"
                f" {name.partition(':')[0]} -a list=URL"
            )
    portals = rules.portals(known)
    for portal in portals:
        if portal.off and names:
            raise PortalError(f"{portal.name} is off: {portal.off}; an update leaves it alone")
    return [portal for portal in portals if not portal.off]


def _sites(archive: Archive, rules: Rules) -> dict[str, Chosen]:
    """The sites of families that the archive knows, with the lists they were crawled by."""
    sites = {}
    named = [(n, url) for n, url in archive.listings() if ":" in n]
    for name, pairs in groupby(named, key=lambda pair: pair[0]):
        urls = [url for _, url in pairs]
        portal = rules.portal(name)
        if portal is None:  # its family has been removed
            continue
        listings = tuple(replace(portal.listings[0], url=url) for url in urls)
        sites[name] = Chosen(
            portal=replace(portal, listings=listings),
            spider=name.partition(":")[0],
            arguments={"list": " ".join(urls)},
        )
    return sites


def in_rows(chosen: Sequence[Chosen]) -> list[list[Chosen]]:
    """Portals in rows: those that share a host stand in one row and take turns.

    Otherwise one host would get two requests at a time.
    """
    rows: list[list[Chosen]] = []
    for one in chosen:
        sharing = [row for row in rows if any(_share_host(one.portal, o.portal) for o in row)]
        rows = [row for row in rows if row not in sharing]
        rows.append([*(other for row in sharing for other in row), one])
    return rows


def _share_host(one: Portal, other: Portal) -> bool:
    return any(
        portal.has_host(f"http://{host.lstrip('.')}/")
        for portal, hosts in ((one, other.hosts), (other, one.hosts))
        for host in hosts
    )
