"""Sample newspaper (远山日报网): GB2312 declared, recommendations inside the main column."""

from crawler.portal import Layout, Listing, Portal
from crawler.spider import PortalSpider


class SamplesPaper(PortalSpider):
    """远山日报网."""

    portal = Portal(
        name="samples_paper",
        evidence="page",
        title="远山日报网",
        hosts=("paper.samples.example",),
        listings=(
            Listing(
                "http://paper.samples.example/GB/1024/index{page}.html",
                channel="时政解读",
                pages=60,
                first_url="http://paper.samples.example/GB/1024/index.html",
                links=".ej_list_box",
            ),
        ),
        article_url=r"/n1/\d{4}/\d{4}/c\d+-\d+\.html$",
        layouts=(
            Layout(
                "2020",
                content=".rm_txt_con",
                title=".rm_txt h1",
                kicker=".rm_txt h3.pre",
                subtitle=".rm_txt h4.sub",
                posted_at=".channel .col-1-1",
                source=".channel .col-1-1 a",
                origin="#paper_num",
                editors=".edit",
                drop=".paper_num, .edit, .rm_share, #rwb_tjyd, .box_pic, .zdfy",
            ),
        ),
    )
