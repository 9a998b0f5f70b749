"""FamilySpider: portals of one making, crawled by the list address given on the command line.

The files in ``spiders/`` subclass it with their ``Family``; ``scrapy crawl trs -a list=URL``.
"""

from dataclasses import replace
from typing import Any, ClassVar

from crawler.portal import Family, Portal, PortalError
from crawler.spider import PortalSpider


class FamilySpider(PortalSpider):
    """Crawls the site whose list address is given with ``-a list=URL``, or several with spaces."""

    family: ClassVar[Family]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.name = cls.family.name

    def __init__(self, list: str | None = None, **kwargs: Any) -> None:
        if not list:
            raise PortalError(
                f"{self.family.name}: which site? give its list page, e.g."
                f" -a list={self.family.listing.url}"
            )
        portals = [self.family.portal(address) for address in list.split()]
        if len({portal.name for portal in portals}) > 1:
            raise PortalError(f"{self.family.name}: {list}: these are lists of different sites")
        listings = tuple(listing for portal in portals for listing in portal.listings)
        self.portal = replace(portals[0], listings=listings)
        super().__init__(**kwargs)

    @classmethod
    def portal_for(cls, name: str) -> Portal:
        """The rules for ``family:host[:port]``, for re-reading what was archived."""
        return cls.family.portal(f"http://{name.partition(':')[2]}/")
