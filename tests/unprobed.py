"""The sample portals as if their rules had been built from what others say of them."""

from dataclasses import replace

from crawler.spider import PortalSpider
from tests.site.portals.samples_gov import SamplesGov
from tests.site.portals.samples_paper import SamplesPaper


class UnprobedGov(PortalSpider):
    """样例省政策解读平台, never seen."""

    portal = replace(SamplesGov.portal, evidence="code")


class UnprobedPaper(PortalSpider):
    """远山日报网, never seen."""

    portal = replace(SamplesPaper.portal, evidence="code")
