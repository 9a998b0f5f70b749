"""Wordings of the lines around an article that are not the article, as tables.

Used by ``crawler.extract.trim``. Every pattern is matched against a whole line whose white space
was removed and whose full-width punctuation was folded (``fold_label``), so each is written once.
"""

import re

from crawler.extract.words import words

# Half-width forms of the punctuation that labels come with; same length, so offsets hold.
_FOLD = str.maketrans("（）［］：，；！？｜／　．－～＋", "()[]:,;!?|/ .-~+")
# Icon fonts put their glyphs into the private use area; no label is written with it.
_SPACE = re.compile(r"[\s\ue000-\uf8ff]+")

# Headings over lists of links.
_BOUNDARIES = words(
    """
    相关内容 相关阅读 相关推荐 相关新闻 相关链接 相关稿件 相关文章 相关报道 相关专题 相关资讯
    热门资讯 热门文章 热门推荐 热门新闻 推荐阅读 延伸阅读 扩展阅读 猜你喜欢 上一篇 下一篇
    分享让更多人看到 相关解读 相关政策 相关信息 更多新闻 更多阅读 更多内容 更多精彩 今日热点
    热点推荐 热点新闻 新闻推荐 往期推荐 往期回顾 精彩推荐 编辑推荐 为您推荐 为你推荐 大家都在看
    大家还在看 热门话题 热门排行 点击排行 新闻排行 阅读排行 排行榜 最新文章 最新资讯 最新新闻
    新闻热点 图片新闻 图片推荐 频道推荐 值班总编推荐 热词推荐 还可以看看 您可能感兴趣 你可能感兴趣
    您可能感兴趣的文章 你可能喜欢 你可能还想看 其他文章 同类文章 友情链接 特别推荐 今日推荐
    本类推荐 本文导航 文章导航 专题推荐 精华推荐 关注我们
    客户端下载
    """
)
# Headings over what a site says of itself, in prose.
SITE = re.compile(
    r"(?:关于(?:本站|本网|我们)|(?:本站|本网)(?:简介|介绍|公告)|(?:用户|会员)登[录陆])[:】]?\Z"
)
# Headings over readers' comments, which are running text.
_COMMENTS = words(
    """
    网友评论 最新评论 热门评论 精彩评论 全部评论 发表评论 我要评论 我来说两句 用户评论 评论区
    文章评论 网友跟贴 网友跟帖 热门跟贴 最新跟贴 最新回复 全部回复 网友留言 最新留言 读者评论
    查看评论 评论列表 相关评论 网友观点
    """
)
_COMMENTS_LATIN = (
    "comments?|\\d+ comments?|leave a (comment|reply)|post a comment|add a comment"
    "|join the (conversation|discussion)|reader comments"
)
_BOUNDARIES_LATIN = (
    "related( articles?| stories| news| content| posts?| topics?| links)?|read (more|next)"
    "|more (from|on|in|stories|news|like this).*"
    "|you (may|might) (also )?(like|be interested in).*"
    "|recommended( for you| stories)?|most (read|popular|viewed|shared)|trending( now)?|don.t miss"
    "|top stories|latest (news|stories)|around the web|sponsored( content)?|editors?.? picks"
    "|see also"
    "|popular (now|posts|stories)|share this( story| article)?|what to read next|tags"
)
_LABEL_FORM = (
    r"(?:[\u4e00-\u9fff]{2,10}(?=版权与免责))?[【\[《<#■◆▌|>·•-]*(?:%s)"
    r"(?:\(?(?:共?\d+条?)\)?)?[】\]》:>+|-]*(?:(?:查看)?更多.{0,4})?\Z"
)
_COMMENT_LABELS = f"{'|'.join(_COMMENTS)}|{_COMMENTS_LATIN}"
_FINAL_LABELS = f"{_COMMENT_LABELS}|版权声明|免责声明|版权与免责声明|本网声明"
_LABELS = f"{'|'.join(_BOUNDARIES)}|{_BOUNDARIES_LATIN}|{_FINAL_LABELS}"
# The tables are written with the spaces that `fold_label` takes away.
COMMENTS = re.compile((_LABEL_FORM % _COMMENT_LABELS).replace(" ", ""), re.IGNORECASE)
# Under these stands prose, but never the article again.
FINAL = re.compile((_LABEL_FORM % _FINAL_LABELS).replace(" ", ""), re.IGNORECASE)
BOUNDARY = re.compile((_LABEL_FORM % _LABELS).replace(" ", ""), re.IGNORECASE)
# Controls of a comment or a forum's post: nothing an article says beside a time.
REPLY = re.compile(
    r"回复|引用|举报|投诉|支持\s*[(（]|反对\s*[(（]|[顶赞踩]\s*[(（\[]|只看(?:该|楼主)|楼主|沙发"
    r"|[0-9]+\s*[楼#]|登[录陆]|发表于|发布时间.{0,30}\bby\b|通行证|评论将"
    r"|\breply\b|\breport\b|\blog ?in\b|\bposted by\b|认为\s*[:：]",
    re.IGNORECASE,
)

# What stands between the headline and the text: counters, font size, share bars, print.
_HEADER = (
    r"(?:小|大)?字[号体](?:大小|[减增][小大])?:?",
    r"(?:字[号体](?:大小)?)?:?[\[【]?(?:(?:默认|特大|超大|大|中|小)[|/ ]?)+[\]】]?",
    r"[\[【(]?(?:我要)?(?:打印|收藏|关闭|纠错|返回|复制链接|举报|投诉|转发)"
    r"(?:本页|本文|窗口|页面)?[\]】)]?",
    # a bar of controls and counters: at least one of the words, and only their characters
    r"(?=.{0,30}?(?:打印|收藏|关闭|分享|纠错|评论|字号|字体|大字|小字|点赞|转发|举报|阅读|浏览|点击|访问"
    r"|朗读|收听|[ta][大+]))[打印收藏关闭分享纠错评论字号体大中小默认特超点赞踩举报转发阅读浏览击访问查看"
    r"回复人气热度参与跟贴帖朗暂停播放听新闻本页文此全窗口面我要量次数条ta\d.,万亿|\[\]【】()/:+·-]{2,40}",
    r"(?:微信扫码|扫码|微信|一键)?(?:分享|转发)[到至给]?(?:微信|微博|QQ|朋友圈|朋友|:|好友|空间)*",
    r"(?:浏览|阅读|点击|访问|查看|评论|回复|人气|热度|点赞|收藏)(?:次数|量|数|人数)?"
    r"[:(]?\d*(?:次|条|人)?\)?",
    r"第\d+页/共\d+页.{0,24}|更新时间.{0,20}",
    r"\d+(?:次|条|人)?(?:浏览|阅读|点击|评论|回复|参与|点赞|跟贴|跟帖)?",
    r"(?:播报文章|语音播报.{0,12}|听新闻|听全文|朗读|播放|暂停|00:\d\d(?:/00:\d\d)?|倍速.{0,20})",
    r"(?:正在加载|加载中|loading).{0,6}",
    r"(?:\+?关注|已关注|私信|订阅|登录|注册|首页|正文|返回首页|返回顶部|回到顶部|下载客户端)",
    r"(?:打开app.{0,12}|app内打开)",
    r"[^,。;>]{0,8}>(?:[^,。;>]{0,16}>)*[^,。;>]{0,20}",
    r"(?:(?:您)?(?:现在|当前|所在)?的?(?:所在)?位置|正在阅读)(?:是)?:.{0,80}",
    r"(?:来自|发布于|发表于|ip属地)[\u4e00-\u9fff]{0,6}",
)
HEADER = re.compile(rf"(?:{'|'.join(_HEADER)})\Z", re.IGNORECASE)

# A line that names author or time in the head of an English page.
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
SIGNED = re.compile(
    r"(?:[Bb]y|BY)\s*:?\s+[A-Z][^.,;!?]{1,60}(?:[,|•·-].{0,60})?\Z"
    r"|(?i:(?:.{3,50}\|\s*)?(?:author|written by|publish(?:ed)?(?: date| on| at)?"
    r"|posted(?: on| at| by)?|(?:last )?updated(?: on| at)?|date|created|first published)"
    r"\s*:?(?:\s.{0,70})?\Z)"
    rf"|(?i:(?:[a-z]{{3,9}},?\s+)?(?:{_MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?"
    rf"|\d{{1,2}}\s+{_MONTH}),?\s+\d{{4}}"
    r"[^.!?]{0,50}\Z)"
)

# The CMS's description of an article, shown above it (核心提示 and 编者按 are the newspaper's own).
SUMMARY = re.compile(r"[\[【]?(?:内容|文章|本文)?(?:摘要|提要|简介)[\]】]?:")
# What a list says that has nothing to show.
EMPTY = re.compile(r"(?:暂无|没有|暂时没有|还没有)(?:相关|更多)?[\u4e00-\u9fff]{0,6}[!。]?\Z")

# Lines that are never an article's text, wherever they stand in its container.
_NOISE = (
    r"[【\[(](?:我要)?纠错[】\])].{0,80}",
    r"[(【\[]?原(?:标题|题目)(?:为)?[:《].{0,120}",
    r"分享让更多人看到|分享[到至]?:.{0,20}|更多>*|展开全文|收起全文|阅读(?:剩余)?全文.{0,8}",
    r"(?:点击)?查看(?:更多|原图).{0,12}|点击图片.{0,12}",
    r"返回.{0,8}(?:查看更多|首页|列表|频道|目录|顶部).{0,12}",
    r"(?:您的|你的|当前)?浏览器(?:版本)?(?:不支持|版本过低|暂不支持).{0,60}",
    r"调查问题加载中.{0,8}|若长时间无响应.{0,16}|视频加载中.{0,8}|加载更多.{0,8}|正在播放.{0,30}",
    r"请先?登录.{0,12}评论.{0,12}",
    r"(?:©|\(c\)|copyright).{0,100}|.{0,60}all ?rights ?reserved.{0,80}",
    r"(?:上|下)一(?:篇|条|章)[:].{0,60}|(?:上|下)一(?:篇|条|页|章)|没有了|尾页|末页",
    r"(?:首页|上一页|下一页|尾页|末页|\d|\.\.\.|[|<>\s]|共\d{1,3}页|第\d{1,3}页){2,}",
    r"(?:image|photo|slide|picture) ?\d+ ?of ?\d+.{0,20}|filed ?under:?.{0,60}|loading\.*",
    r"(?:follow|email|contact|e-mail) .{2,50}(?:@\S+|twitter|facebook).{0,80}",
    r"advert(?:isement|orial)?|trackback:?.{0,120}",
    r"(?:continue|keep) reading.{0,60}|(?:click|tap) here to .{0,60}",
    r"share (?:this|on).{0,40}|sign ?up.{0,100}newsletter.{0,60}",
    r"follow (?:us|him|her|me) on .{0,60}|read more:.{0,160}|see also:.{0,160}",
    r"(?:photo|image|picture|credit|credits)s?: .{0,80}|view (?:all )?comments.{0,20}",
    r"this story (?:was|has been) updated.{0,40}|have something to say\?.{0,100}",
)
NOISE = re.compile(rf"(?:{'|'.join(_NOISE)})\Z".replace(" ", ""), re.IGNORECASE)

# Notices that only count near the start or end: a policy speaks of 未经授权 and 扫码 in its text.
_NOTICES = (
    r".{0,12}(?:扫一扫|扫码|扫描(?:上方|下方)?二维码|长按(?:识别)?二维码|微信扫|识别二维码).{0,30}",
    r".{0,8}(?:关注我们|一键关注|点击关注|关注公众号|微信公众号[:]).{0,16}",
    r"(?:图|文/图|图/文|图文|编|供图|图源|图片来源|图片|题图)(?:来源)?[:/|].{0,24}",
    r".{0,40}版权所有.{0,80}",
    r"[*※(【]?(?:免责声明|特别声明|平台声明|版权声明|版权说明|郑重声明|转载声明|转载请注明)[】:].{0,160}",
    r"[*※(【]?(?:声明|特别提示|风险提示)[】:].{0,80}(?:转载|版权|侵权|平台|本站|本网|不代表|作者).{0,80}",
    r"[*※(【]?(?:以上内容|以上图文|本文章|该文观点|本文内容|本文图片|本文仅|文章仅|此文).{0,30}"
    r"(?:不代表|侵权|仅代表|仅供|版权|用户上传|信息存储).{0,100}",
    r".{0,60}(?:未经|如未|不得)(?:书面)?(?:授权|许可|允许|同意).{0,20}(?:转载|摘编|镜像).{0,100}",
    r".{0,30}(?:如有侵权|如涉及侵权|侵权必究|违者必究|联系删除|版权归原作者).{0,100}",
    r"(?:凡本网|凡注明|本网(?:站)?(?:所)?(?:转载|刊载)).{0,160}",
    r"(?:标签|关键词|关键字|tags?|keywords|热词|热搜|话题)[:].{0,80}",
    r"(?:违法和?不良信息|侵权|涉未成年人).{0,12}举报.{0,80}",
    r"[\u4e00-\u9fff]{0,2}icp(?:备|证).{0,60}",
)
_NUMBER = r"(?:[①-⑩]|[(]?\d[).、])?"
NOTICE = re.compile(rf"{_NUMBER}(?:{'|'.join(_NOTICES)})\Z", re.IGNORECASE)

# The credited outlet, on a line of its own.
SOURCE_LINE = re.compile(
    r"[(【\[]?(?:(?:文章|信息|稿件|内容|本文|新闻)?(?:来源|稿源|来源于|转自|转载自|摘自|原载|出处))"
    r"(?:[:|/]|于)(?P<source>.{1,40}?)[)】\]]?\Z"
)
_CUT = ("...", "…")


def is_cut(text: str) -> bool:
    """Whether a text ends in an ellipsis, as teasers do."""
    return text.endswith(_CUT) or text[:-1].endswith(_CUT)


def fold_label(text: str) -> str:
    """``text`` without white space and with half-width punctuation, for comparing with labels."""
    return _SPACE.sub("", text if text.isascii() else text.translate(_FOLD))
