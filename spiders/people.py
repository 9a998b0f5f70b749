"""People's Daily Online (人民网): policy interpretation of ministries, politics and opinion.

Pages declare GB2312 and hold characters of GB18030. One template since about 2020 (`rm_txt`), two
before. 推荐阅读 stands inside the main column.
"""

from crawler.portal import Layout, Listing, Portal
from crawler.spider import PortalSpider

_CHANNELS = (
    "politics finance opinion society theory edu health env scitech energy world military culture"
    " industry money house legal npc cpc dangjian hb js sh zj gd sc sd bj"
)
_DROP = ".paper_num, #paper_num, #rwb_tjyd, .bza, .box_pic, .edit, .otitle, .zdfy, .rm_relevant"


class PeoplePortal(PortalSpider):
    """人民网."""

    portal = Portal(
        name="people",
        title="人民网",
        hosts=(
            "www.people.com.cn",
            *(f"{channel}.people.com.cn" for channel in _CHANNELS.split()),
        ),
        listings=(
            Listing(
                "http://politics.people.com.cn/GB/1027/index{page}.html",
                channel="中央部委",
                pages=10,
                first_url="http://politics.people.com.cn/GB/1027/index.html",
            ),
            Listing(
                "http://politics.people.com.cn/GB/389979/index{page}.html",
                channel="时事解读",
                pages=10,
                first_url="http://politics.people.com.cn/GB/389979/index.html",
            ),
            Listing(
                "http://politics.people.com.cn/GB/1024/index{page}.html",
                channel="高层动态",
                pages=10,
                first_url="http://politics.people.com.cn/GB/1024/index.html",
            ),
        ),
        article_url=r"/n[12]/\d{4}/\d{4}/c\d+-\d+\.html$",
        layouts=(
            Layout(
                "rm_txt",
                content=".rm_txt_con",
                title=".rm_txt h1, h1#newstit",
                kicker=".rm_txt h3.pre",
                subtitle=".rm_txt h4.sub",
                posted_at=".rm_txt .channel .col-1-1, .channel .col-1-1",
                source=".rm_txt .channel .col-1-1 a, .channel .col-1-1 a",
                origin="#paper_num, .paper_num",
                editors=".rm_txt_con .edit",
                drop=_DROP,
            ),
            Layout(
                "rwb_zw",
                content="#rwb_zw, .box_con",
                title="#newstit, h1",
                posted_at=".box01 .fl",
                source=".box01 .fl a",
                origin="#paper_num",
                editors=".edit",
                drop=_DROP,
            ),
            Layout(
                "p_content",
                content="#p_content, .show_text",
                title="#p_title, h1",
                posted_at="#p_publishtime",
                source="#p_origin a",
                editors="#p_editor, .edit",
                drop=_DROP,
            ),
        ),
        evidence="page",
    )
