"""Sample Policy Interpretation Platform (样例省政策解读平台): two page templates since 2019."""

from crawler.portal import Layout, Listing, Portal
from crawler.spider import PortalSpider


class SamplesGov(PortalSpider):
    """样例省政策解读平台."""

    portal = Portal(
        name="samples_gov",
        evidence="page",
        title="样例省政策解读平台",
        hosts=("zcjd.samples.example",),
        listings=(
            Listing(
                "https://zcjd.samples.example/jiedu/index_{page}.html",
                channel="政策解读",
                pages=60,
                first_page=0,
                first_url="https://zcjd.samples.example/jiedu/index.html",
                links="ul.u-list",
            ),
        ),
        article_url=r"/jiedu/\d{6}/t\d{8}_\d+\.html$",
        layouts=(
            Layout(
                "2023",
                content=".article-body > .trs_editor_view",
                title="h1.article-title",
                kicker="h2.kicker",
                posted_at=".pub-time",
                source=".from",
                editors=".article-body > .editor",
            ),
            Layout(
                "2019",
                content="#zoom",
                title="#title",
                kicker=".yinti",
                posted_at="#date",
                source="#laiyuan",
                editors=".conTxt > .editor",
            ),
        ),
    )
