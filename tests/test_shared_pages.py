"""Real pages of the portals, read by a person: title, times, people, first and last words.

The pages are third-party text and stay outside the project; without them the tests are skipped.
"""

import datetime as dt
from pathlib import Path
from typing import NamedTuple

import pytest

from crawler.extract import ExtractionError, extract
from crawler.portal import Portal
from spiders.china_com_cn import ChinaComCnPortal
from spiders.gmw_cn import GmwCnPortal
from spiders.news_cn import NewsCnPortal
from spiders.people import PeoplePortal

PAGES = Path(__file__).resolve().parents[2] / "shared" / "pages"

pytestmark = pytest.mark.skipif(
    not PAGES.is_dir(), reason=f"the saved pages are not at {PAGES.name}/ beside the checkout"
)


class Expected(NamedTuple):
    """What a person reads on the page; ``absent`` are words of its sidebars and credits."""

    page: str
    portal: Portal | None
    title: str  # how it begins
    posted: str
    source: str | None
    editors: tuple[str, ...]
    authors: tuple[str, ...]
    first: str
    last: str
    absent: tuple[str, ...]


READ = (
    Expected(
        "people.com.cn/gb18030_2022",
        PeoplePortal.portal,
        "江苏多地要求中高风险地区师生员工",
        "2022-02-13 07:48",
        "新华日报",
        ("萧潇", "张妍"),
        ("葛灵丹",),
        "江苏多地日前发布通知",
        "成第一次常态化核酸检测工作。",
        ("原标题", "责编", "分享让更多人", "客户端下载", "南京开学返校要求省外"),
    ),
    Expected(
        "news.cn/politics_leaders_20240509",
        NewsCnPortal.portal,
        "李强在新疆调研时强调 彰显特色优势",
        "2024-05-09 22:27:02",
        "新华网",
        ("王頔",),
        ("邹伟",),
        "新华社乌鲁木齐5月9日电（记者邹伟）",
        "马兴瑞、吴政隆参加调研。",
        ("纠错", "责任编辑", "Play Video", "分享到"),
    ),
    Expected(
        "china.com.cn/news_117184963_2024",
        ChinaComCnPortal.portal,
        "呼和浩特：对生育二孩、三孩的呼市户籍家庭",
        "2024-05-13 13:48",
        "中国网",
        ("刘峻凌",),
        (),
        "中国网5月13日讯 据呼和浩特市人民政府网站消息",
        "计入单位办公用房总使用面积。",
        ("责任编辑", "链接已复制", "外宣服务", "版权所有"),
    ),
    Expected(
        "china.com.cn/travel_117199185_2024",
        ChinaComCnPortal.portal,
        "北京：古北水镇“光之城”文旅融合系列IP推出",
        "2024-05-20 09:37",
        "中国网",
        ("郭旭",),
        (),
        "中国网5月20日电",
        "观众的阵阵掌声肯定。（郭旭）",
        ("责任编辑", "链接已复制", "外宣服务"),
    ),
    Expected(
        "gmw.cn/news_37330990_2024",
        GmwCnPortal.portal,
        "中国“太空养鱼”项目进展顺利",
        "2024-05-20 03:15",
        "光明网-《光明日报》",
        ("张倩",),
        ("刘艺", "杨吉"),
        "新华社北京5月19日电（刘艺、杨吉）",
        "研究员王高鸿说。",
        ("责编", "阅读剩余全文", "值班总编推荐", "调查问题加载中", "03版"),
    ),
    Expected(
        "southcn.com/node_86987bf032",
        None,
        "亚洲首艘圆筒型“海上油气加工厂”启运",
        "2024-05-12 17:19",
        "新华网",
        ("倪仕轩", "林涛"),
        ("戴小河", "印朋"),
        "新华社深圳5月12日电",
        "油气田高效开发提供全新选择。",
        ("扫二维码分享", "返回南方网首页", "字号减小"),
    ),
    Expected(
        "southcn.com/node_ae7e7ec561",
        None,
        "美联储维持联邦基金利率目标区间不变",
        "2023-06-15 08:10",
        "中国新闻网",
        ("倪仕轩", "杨格"),
        ("王帆",),
        "美国联邦储备委员会14日宣布",
        "通胀要比官员们预期的更顽固。",
        ("扫二维码分享", "责任编辑"),
    ),
    Expected(
        "kepu.gov.cn/content_1755244_2023",
        None,
        "习近平主持召开深入推进长三角一体化发展座谈会",
        "2023-12-01 14:43",
        "新华社",
        ("毛梦囡",),
        (),
        "习近平主持召开深入推进长三角一体化发展座谈会强调",
        "有关企业负责同志参加座谈会。",
        ("编辑：", "相关新闻", "政策广角", "京ICP"),
    ),
    Expected(
        "caijing.com.cn/20240511_5010608",
        None,
        "2024年4月全国CPI同比上涨0.3%",
        "2024-05-11 09:36:26",
        "国家统计局",
        ("文静",),
        (),
        "2024年4月份居民消费价格同比上涨0.3%",
        "。",
        ("相关阅读", "热门文章", "关键字", "分享到"),
    ),
    Expected(
        "theorychina.org.cn/c_1499615_2024",
        None,
        "《中国式现代化发展之路》全文",
        "2024-05-05",
        None,
        (),
        (),
        "中国式现代化发展之路",
        "2022年10月27日。",
        ("上一篇", "重点推荐", "友情链接", "字体放大"),
    ),
    Expected(
        "qq.com/rain_20240513A00GCM00",
        None,
        "经济日报评论员：再驳“中国新能源产能过剩论”",
        "2024-05-13 06:16",
        None,
        (),
        (),
        "在刚刚落幕的第135届中国进出口商品交易会上",
        "成色更足。（经济日报评论员）",
        ("免责声明", "文明上网", "全新首页"),
    ),
    Expected(
        "39.net/news_e7opdxr",
        None,
        "《热辣滚烫》贾玲瘦了100斤",
        "2024-04-23 12:27:25",
        None,
        (),
        (),
        "新片《热辣滚烫》讲述了一个普通女孩",
        "的人生！",
        ("往期推荐", "扫一扫关注", "未经授权不得转载"),
    ),
    Expected(
        "360kuai.com/965d47690a7dfa8dc",
        None,
        "37岁丁俊晖身价过亿",
        "2024-05-08 23:23:53",
        None,
        (),
        (),
        "斯诺克球王丁俊晖的人生故事",
        "大满贯宝座。",
        ("播报文章", "各地楼市活跃度", "立即登录"),
    ),
    Expected(
        "weixin.qq.com/s_2650804290",
        None,
        "绥德：33名退役军人被表彰",
        "2022-07-31 21:34:31",
        None,
        (),
        (),
        "绥德县举行",
        "（sd退役军人之家）",
        ("推荐阅读", "收录于合集", "微信扫一扫", "专项整治电动车"),
    ),
)


@pytest.mark.parametrize("expected", READ, ids=[expected.page for expected in READ])
@pytest.mark.parametrize("rules", ["portal", "generic"])
def test_a_real_page_is_read_as_a_person_reads_it(expected: Expected, rules: str) -> None:
    portal = expected.portal if rules == "portal" else None
    url = f"https://{portal.hosts[0] if portal else 'www.example.cn'}/page.html"
    article = extract((PAGES / f"{expected.page}.html").read_bytes(), url=url, portal=portal)
    assert article.title is not None
    assert article.title.startswith(expected.title)
    assert article.posted_at is not None
    posted = dt.datetime.fromisoformat(expected.posted)
    shown = article.posted_at.replace(tzinfo=None)
    assert shown.replace(second=posted.second) == posted
    assert article.source == expected.source
    assert article.editors == expected.editors
    assert article.authors == expected.authors
    assert article.text.startswith(expected.first)
    assert article.text.endswith(expected.last)
    assert (article.layout == "generic") == (portal is None)
    for words in expected.absent:
        assert words not in article.text


@pytest.mark.parametrize("name", ["cac_list", "pbc_list", "nda_list_reconstructed"])
def test_a_listing_is_no_article(name: str) -> None:
    with pytest.raises(ExtractionError, match="no article found"):
        extract((PAGES / "lists_and_fragments" / f"{name}.html").read_bytes())
