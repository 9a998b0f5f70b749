"""What surrounds the article: navigation, teasers, pager, comments, small print.

The teasers are the seed's, everything else is of our own writing. Called by ``page``.
"""

from html import escape

from tests.seed_pages.draft import Draft

_CHANNELS = ("首页", "资讯", "财经", "科技", "房产", "汽车", "教育", "本地")
_COMMENTS = (
    ("示例网友甲", "写得很实在，希望我们小区门口的积水点也能早一点标到地图上，下雨天好绕行。"),
    ("示例网友乙", "我在社区工作，每天要填七八张表，如果数据真能打通，就能多跑几户人家了。"),
    ("示例网友丙", "新系统上线以后要有人教老年人使用，不然再好的平台他们也用不上。"),
    ("示例网友丁", "支持！建议把办理进度也公开出来，让大家随时看得到。"),
)


def nav(draft: Draft) -> str:
    """The site's navigation."""
    links = [f'<a href="/{number}/">{name}</a>' for number, name in enumerate(_CHANNELS)]
    content = {
        "list": f"<ul>{''.join(f'<li>{link}</li>' for link in links)}</ul>",
        "cells": f"<table><tr>{''.join(f'<td>{link}</td>' for link in links)}</tr></table>",
        "line": " | ".join(links),
        "today": f"<p>今天是2026年1月17日 星期六</p>{' '.join(links)}",
    }[draft.drawn["nav"]]
    return draft.element("nav", content)


def crumb(draft: Draft) -> str:
    """The way from the home page to here."""
    home, channel = '<a href="/">首页</a>', '<a href="/news/">资讯</a>'
    content = {
        "none": "",
        "chevrons": f"当前位置：{home} &gt; {channel} &gt; 正文",
        "list": f"<ol><li>{home}</li><li>{channel}</li><li>正文</li></ol>",
        "sentence": f"您现在的位置：{home}&gt;&gt;{channel}&gt;&gt;{escape(draft.title)}",
    }[draft.drawn["crumb"]]
    return draft.element("crumb", content) if content else ""


def tail(draft: Draft) -> str:
    """Share bar, tags, notices and the neighbouring articles, right under the text."""
    link = "<a href='#'>"
    content = {
        "none": "",
        "share": f"<div{draft.attributes('share')}>分享到： {link}微信</a> {link}微博</a></div>",
        "tags": "<p>标签：<a href='/tag/1'>样例标签</a> <a href='/tag/2'>样例话题</a></p>",
        "notice": "<p>声明：本站转载是为了传递更多信息，不代表本站观点，如有侵权请联系删除。</p>",
        "likes": f"<div><span>点赞 0</span> <span>收藏 0</span> {link}举报</a></div>",
        "code": "<div><img src='/img/qrcode.png' width='120'><p>扫一扫关注样例资讯网</p></div>",
    }[draft.drawn["tail"]]
    before = '上一篇：<a href="/news/122.html">样例市部署夏季防汛工作</a>'
    after = '下一篇：<a href="/news/124.html">样例省公布一批便民服务事项</a>'
    pager = {
        "none": "",
        "paragraphs": f"<p>{before}</p><p>{after}</p>",
        "list": f"<ul><li>{before}</li><li>{after}</li></ul>",
        "floats": f"<span>{before}</span><span>{after}</span>",
    }[draft.drawn["pager"]]
    return content + (draft.element("pager", pager) if pager else "")


def related(draft: Draft) -> str:
    """The list of related articles, which is empty."""
    label = draft.seed.related
    content = {
        "heading": f"<h3>{label}</h3><ul></ul>",
        "paragraph": f"<p>{label}</p>",
        "head_and_body": f"<div><strong>{label}</strong></div><div></div>",
        "dl": f"<dl><dt>{label}：</dt></dl>",
        "none_found": f"<h4>{label}</h4><p>暂无{label}</p>",
    }[draft.drawn["related"]]
    return draft.element("related", content)


def side(draft: Draft) -> str:
    """The teasers of the day under their label."""
    label, names = draft.seed.side, draft.attributes("side_head")
    head = {
        "h3": f"<h3{names}>{label}</h3>",
        "strong": f"<div><strong>{label}</strong></div>",
        "div": f"<div{names}>{label}</div>",
        "p": f"<p>{label}</p>",
        "h2_more": f"<h2{names}>{label}<a href='/hot/'>更多&gt;&gt;</a></h2>",
    }[draft.drawn["side_head"]]
    teasers = "\n".join(
        _teaser(draft, number, escape(title), escape(blurb))
        for number, (title, blurb) in enumerate(draft.seed.teasers)
    )
    match draft.drawn["teasers"]:
        case "li" | "li_dated" | "one_line":
            teasers = f"<ul{draft.attributes('list')}>{teasers}</ul>"
        case "one_dl":
            teasers = f"<dl>{teasers}</dl>"
        case "rows":
            teasers = f"<table>{teasers}</table>"
        case "dl" | "cards" | "linked_cards" | "pictures" | "articles":
            teasers = draft.element("list", teasers)
    return draft.element("side", head + teasers + _box(draft))


def _box(draft: Draft) -> str:
    """One more box beside the teasers."""
    titles = [
        f"样例{place}举办第{n}届便民服务周活动" for n, place in enumerate("东西南北中上下", 3)
    ]
    links = [f'<a href="/news/{n}.html">{title}</a>' for n, title in enumerate(titles, 8000)]
    content = {
        "none": "",
        "latest": "".join(f"<li>{link}<span>2026-01-16</span></li>" for link in links),
        "ranking": "".join(f"<li><em>{n}</em>{link}</li>" for n, link in enumerate(links, 1)),
        "about": "<p>样例资讯网是软件测试用的虚构网站，每天收集各地便民信息，供读者查阅。"
        "本站的文字均由测试人员编写，如有雷同，纯属巧合。</p>",
        "login": "<form>用户名：<input name='u'> 密码：<input name='p'><i>登录</i></form>",
    }[draft.drawn["boxes"]]
    label = {"latest": "最新文章", "ranking": "点击排行", "about": "关于本站", "login": "会员登录"}
    if not content:
        return ""
    return f"<div><h3>{label[draft.drawn['boxes']]}</h3>{content}</div>"


def _teaser(draft: Draft, number: int, title: str, blurb: str) -> str:
    form, links, names = draft.drawn["teasers"], draft.drawn["links"], draft.attributes("item")
    link = f'<a href="/news/{9000 + number}.html">'
    if form == "linked_cards":  # an element around both, whatever was drawn
        return f"<div{names}>{link}<h4>{title}</h4><p>{blurb}</p></a></div>"
    if links != "blurb":
        title = f"{link}{title}</a>"
    if links != "title":
        blurb = f"{link}{blurb}</a>"
    picture = f'{link}<img src="/upload/202601/{number}.jpg" width="160" height="120"></a>'
    return {
        "li": f"<li{names}>{title}<p>{blurb}</p></li>",
        "li_dated": f"<li{names}><span>2026-01-17</span>{title}<div>{blurb}</div></li>",
        "dl": f"<dl{names}><dt>{title}</dt><dd>{blurb}</dd></dl>",
        "one_dl": f"<dt>{title}</dt><dd>{blurb}</dd>",
        "p": f"<p>{title}</p><p>{blurb}</p>",
        "cards": f"<div{names}><h4>{title}</h4><div>{blurb}</div></div>",
        "rows": f"<tr><td>{title}<br>{blurb}</td></tr>",
        "pictures": f"<div{names}>{picture}<h4>{title}</h4><p>{blurb}</p></div>",
        "br": f"{title}<br>{blurb}<br>",
        "one_line": f"<li{names}>{title} {blurb}</li>",
        "articles": f"<article{names}><header><h2>{title}</h2></header><p>{blurb}</p></article>",
    }[form]


def comments(draft: Draft) -> str:
    """What readers say under the article, or the form to say it with."""
    kind = draft.drawn["comments"]
    form = "<form><textarea name='c'></textarea><button>发表评论</button></form>"
    if kind == "none":
        return ""
    if kind == "form":
        content = f"<h3>我要评论</h3>{form}<p>请登录后评论</p>"
        return draft.element("comments", content)
    texts = [(f"<b>{who}</b> <em>2024-06-15 08:12</em>", text) for who, text in _COMMENTS]
    if kind == "list":
        items = "".join(f"<li><div>{who}</div><div>{text}</div></li>" for who, text in texts)
        return draft.element("comments", f"<h3>网友评论</h3><ul>{items}</ul>{form}")
    items = "".join(f"<p>{who}</p><p>{text}</p>" for who, text in texts)
    return draft.element("comments", f"<p><strong>网友评论</strong></p>{items}")


def foot(draft: Draft) -> str:
    """The small print."""
    links = '<a href="/about">关于我们</a> | <a href="/contact">联系我们</a>'
    owner = "样例资讯网 版权所有"
    content = {
        "short": f"<p>{owner}</p>",
        "long": f"<p>{links}</p><p>本页是软件测试用的样例，未经授权不得转载。</p>"
        "<p>Copyright © 2026</p>",
        "cells": f"<table><tr><td>{links}</td></tr><tr><td>{owner}</td></tr></table>",
    }[draft.drawn["foot"]]
    return draft.element("foot", content)
