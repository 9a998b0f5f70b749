"""What the frames of the quality corpus are drawn from, as tables.

Used by ``frame``; braces take what the name in them says.
"""

SITE = "样例观察网"
BLOCKS = {
    "p": "<p>{}</p>",
    "indented": "<p>　　{}</p>",
    "div": "<div>{}</div>",
    "section": "<section style='margin:8px'><section><p><span>{}</span></p></section></section>",
    "br": "　　{}<br>",
    "br_br": "&emsp;&emsp;{}<br><br>\n",
    "rows": "<tr><td>{}</td></tr>",
    "unclosed": "<p>{}\n",
    "font": '<p><font face="宋体"><span lang="EN-US">{}</span></font></p>',
}
HEADINGS = (
    "<h2>{}</h2>",
    "<h3>{}</h3>",
    "<p><strong>{}</strong></p>",
    "<p align=center><b>{}</b></p>",
)
TITLES = (
    "<h1{0}>{1}</h1>",
    "<h2{0}>{1}</h2>",
    "<div{0}>{1}</div>",
    "<p align=center><strong>{1}</strong></p>",
    "<center><font size=5><b>{1}</b></font></center>",
    "<h1{0}><span>{1}</span></h1>",
)
DOCUMENT_TITLES = (
    "{}",
    "{}_{site}",
    "{}-{site}",
    "{} - {site}",
    "{}_政策解读_{site}",
    "{} | {site}",
)
INFOS = (
    "<div{0}>{time} {source} {hits}</div>",
    "<div{0}><span>{time}</span><span>{source}</span><span>{hits}</span></div>",
    "<p{0}>发布时间：{time}　{source}　{hits}</p>",
    "<ul><li>{time}</li><li>{source}</li><li>{hits}</li></ul>",
    "<table><tr><td>{time}</td><td>{source}</td><td>{hits}</td></tr></table>",
    "<div{0}>{source} | {time}</div><div>{hits}</div>",
    "<div{0}><i class='i-clock'>\ue614</i>{time} <em>{source}</em> <b>\ue615</b>{hits}</div>",
)
HITS = ("", "浏览：{}次", "阅读({})", "{}", "字号：大 中 小", "点击数：{}")
BYLINES = ("本报记者 {}", "□ 本报记者 {}", "（样例网记者 {}）", "记者：{}", "文/{}", "作者：{}")
TAILS = (
    "",
    "<div{share}>分享到：<a href='#'>微信</a> <a href='#'>微博</a></div>",
    "<p>声明：本站转载是为了传递更多信息，不代表本站观点，如有侵权请联系删除。</p>",
    "<p>标签：<a href='/t/1'>样例标签</a> <a href='/t/2'>样例话题</a></p>",
    "<p>【打印】【关闭】</p><p>扫一扫在手机打开当前页</p>",
    "<p>上一篇：<a href='/1'>{previous}</a></p><p>下一篇：<a href='/2'>{next}</a></p>",
)
TEASERS = {  # around the list, and one teaser
    "li": "<ul>{}</ul>|<li><a href='{path}'>{title}</a></li>",
    "dated": "<ul>{}</ul>|<li><span>2026-01-17</span><a href='{path}'>{title}</a></li>",
    "blurbs": "<ul>{}</ul>|<li><a href='{path}'>{short}</a><p>{blurb}</p></li>",
    "dl": "<dl>{}</dl>|<dt><a href='{path}'>{short}</a></dt><dd>{blurb}</dd>",
    "cards": "<div>{}</div>|<div><h4><a href='{path}'>{title}</a></h4><div>{blurb}</div></div>",
    "links": "<div>{}</div>|<div><a href='{path}'><h4>{title}</h4><p>{blurb}</p></a></div>",
    "rows": "<table>{}</table>|<tr><td><a href='{path}'>{short}</a><br>{blurb}</td></tr>",
    "run": "{}|<p><a href='{path}'>{short}</a></p><p>{blurb}</p>",
    "articles": "{}|<article><h2><a href='{path}'>{title}</a></h2><p>{blurb}</p></article>",
}
LABELS = ("相关阅读", "热门资讯", "推荐阅读", "延伸阅读", "点击排行", "最新文章")
NAVS = (
    "<ul><li><a href='/'>首页</a></li><li><a href='/zc'>政策</a></li></ul>",
    "<a href='/'>首页</a> | <a href='/zc'>政策</a> | <a href='/jd'>解读</a>",
    "<p>今天是2026年1月17日 星期六</p><a href='/'>首页</a>",
    "<table><tr><td><a href='/'>首页</a></td><td><a href='/zc'>政策</a></td></tr></table>",
)
FOOTS = (
    f"<p>{SITE} 版权所有 未经授权不得转载</p>",
    "<p>主办单位：样例省样例办公室</p><p>样ICP备00000000号</p>",
    f"<p>关于我们 | 联系我们</p><p>本站由{SITE}维护，人物与数字均为虚构，仅供软件测试使用。</p>",
)
COMMENTS = (
    ("样例网友甲", "写得很实在，希望我们这里也能早一点把积水点标到地图上，下雨天好绕行。"),
    ("样例网友乙", "我在社区工作，每天要填七八张表，如果数据真能打通，就能多跑几户人家了。"),
    ("样例网友丙", "新系统上线以后要有人教老年人使用，不然再好的平台他们也用不上。"),
)
ORDERS = ("columns", "side_first", "inside", "below", "table_left", "table_right", "flat")
ROLES = (
    *("crumb", "page", "main", "title", "info", "body", "side", "nav", "foot", "share"),
    "comments",
)
NAMES = {
    "telling": "breadcrumb wrapper main article-title info content sidebar navbar footer share"
    " comments",
    "pinyin": "weizhi zong zuo biaoti xinxi neirong you daohang dibu fenxiang pinglun",
    "with_sidebar": "path l-sidebar-fixed col-left post-title post-meta entry-content widget-area"
    " nav bottom share-bar comment-list",
    "neutral": "k0 a1 b2 c3 d4 e5 f6 g7 h8 i9 j0",
    "none": "",
}
METAS = (
    "",
    '<meta name="PubDate" content="{posted}">',
    '<meta property="og:title" content="{title}"><meta name="description" content="{begins}...">',
    '<meta name="author" content="{site}"><meta name="keywords" content="样例">',
    '<script type="application/ld+json">{{"@type":"Article","datePublished":"{posted}"}}</script>',
)
CRUMBS = (
    "",
    "当前位置：<a href='/'>首页</a> &gt; <a href='/zc'>政策</a> &gt; 正文",
    "<ol><li><a href='/'>首页</a></li><li><a href='/zc'>政策</a></li><li>正文</li></ol>",
    "您现在的位置：<a href='/'>首页</a>&gt;&gt;<a href='/zc'>政策</a>&gt;&gt;{}",
)
SUMMARIES = (
    "",
    "",
    "",
    "<p>摘要：{}</p>",
    "<blockquote>{}</blockquote>",
    "<div>内容提要：{}</div>",
)
INLINES = (
    *("{}", "{}", "<strong>{}</strong>", "<a href='/tag/1'>{}</a>", "<span lang='EN-US'>{}</span>"),
    *("<font>{}</font><!-- <p>旧稿</p> -->", "{}<script>var n = 1 < 2;</script>", "<u>{}</u>"),
)
COPIES = (  # of headline and text, for other readers
    *("", "", "", "<div style='display:none'>{}</div>", "<div class='visible-xs'>{}</div>"),
    "<div id='print-view' hidden>{}</div>",
)
CHARSETS = ("utf-8", "utf-8", "gb2312")
# Lines of the tables above that are no article's, whichever of them a page shows.
NOISE = (
    *("分享到：", "本站转载是为了传递更多信息", "样例标签", "样例话题", "扫一扫在手机", "上一篇："),
    *("仅供软件测试使用", "未经授权不得转载", "样ICP备00000000号", "主办单位：", "网友评论"),
    *("【打印】", "当前位置：", "您现在的位置", "今天是2026年1月17日", "内容提要：", "发布时间："),
    *("字号：大", "点击数：", "下一篇："),
)
