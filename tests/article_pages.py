"""Short pages of our own writing, in the structures real portals use, for the extractor's tests."""

PARAGRAPHS = (
    "为落实年度工作部署，示例部近日印发通知，要求各地加快公共数据开放，方便群众和企业办事。",
    "通知提出，到2027年，基本建成统一的数据目录，做到一数一源、一源多用，减少重复填报。",
    "示例部有关负责人表示，下一步将组织专家到基层调研，及时总结各地做法，完善配套措施。",
)
TITLE = "示例部部署加快公共数据开放"
URL = "https://policy.example.cn/jiedu/202405/t20240506_1001.html"


def paragraphs(texts: tuple[str, ...] = PARAGRAPHS, form: str = "<p>　　{}</p>") -> str:
    """The texts as markup."""
    return "".join(form.format(text) for text in texts)


def page(
    body: str = "",
    *,
    head: str = "",
    title: str = TITLE,
    info: str = "<div class='info'>2024-05-06 10:20 来源：示例日报</div>",
    before: str = "",
    after: str = "",
) -> str:
    """A whole page: navigation, headline, information line, text, small print."""
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8">
<title>{title}_示例政策网</title>{head}</head><body>
<div class="nav"><a href="/">首页</a> <a href="/jiedu/">解读</a></div>{before}
<div class="main"><h1>{title}</h1>{info}<div class="text">{body or paragraphs()}</div></div>{after}
<div class="footer">示例政策网 版权所有 未经授权不得转载</div></body></html>"""


# More of the same article, for pages whose parts are measured against the length of the text.
LONG = (
    *PARAGRAPHS,
    "示例市率先建立数据专员制度，每个部门明确一名负责人，统一回答企业和群众提出的用数需求。",
    "在示例县政务大厅，窗口人员介绍，过去办一件事要交十二份材料，现在只需要提供身份证件。",
    "多位受访企业负责人说，开放的数据越来越多，更新越来越快，企业研发新产品有了可靠的依据。",
    "专家认为，开放数据要守住安全底线，分类分级管理必不可少，各地应当加强对工作人员的培训。",
)


def teasers(count: int = 8, form: str = '<li><a href="/n/{n}.html">{title}</a></li>') -> str:
    """Links to other articles, each with a headline and a blurb of its own, both cut."""
    return "".join(
        form.format(
            n=n,
            title=f"另一地出台办法推动{what}产业加快发展...",
            blurb=f"当地日前举行发布会，介绍{what}政策的主要内容，与会人员就此回答了...",
        )
        for n, what in zip(range(count), "茶竹花果菌木石陶绣纸", strict=False)
    )
