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
