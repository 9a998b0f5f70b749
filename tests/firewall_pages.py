"""Pages of our own in the structures firewalls answer with; the scripts do nothing."""

from dataclasses import dataclass

HTML = ("Content-Type", "text/html; charset=utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class FirewallPage:
    """One answer of a firewall, and words of the reason that must be given for it."""

    status: int
    says: str
    body: str = ""
    headers: tuple[tuple[str, str], ...] = (HTML,)
    encoding: str = "utf-8"

    @property
    def content(self) -> bytes:
        """The body as bytes."""
        return self.body.encode(self.encoding)


JIASULE_521 = FirewallPage(
    status=521,
    says="HTTP 521",
    body=(
        "<script>document.cookie=('_')+('_')+('j')+'sl_clearance_s=1.1|0|sample;max-age=3600';"
        "location.href=location.pathname+location.search</script>"
    ),
    headers=(HTML, ("Set-Cookie", "__jsluid_s=sample; max-age=31536000; path=/; HttpOnly")),
)
FIREWALL_PAGES = {
    "403": FirewallPage(status=403, says="HTTP 403"),
    "412": FirewallPage(status=412, says="HTTP 412"),
    "521": FirewallPage(status=521, says="HTTP 521"),
    "429": FirewallPage(
        status=429, says="Retry-After 3600", headers=(HTML, ("Retry-After", "3600"))
    ),
    "503 with a time": FirewallPage(
        status=503, says="Retry-After 120", headers=(HTML, ("Retry-After", "120"))
    ),
    "jiasule 521": JIASULE_521,
    "jiasule 200": FirewallPage(
        status=200, says="加速乐", body=JIASULE_521.body, headers=JIASULE_521.headers
    ),
    "wzws": FirewallPage(
        status=200,
        says="WZWS",
        body=(
            '<html><head><meta charset="utf-8"><title></title></head><body><noscript>请开启'
            "JavaScript并刷新该页.</noscript><script>eval(function(p,a,c,k,e,d){return p}("
            "'0 1=\"/WZWS-RAY-1-SAMPLE\"',2,2,'var|dynamicurl'.split('|'),0,{}))</script>"
            "</body></html>"
        ),
    ),
    "yunsuo": FirewallPage(
        status=200,
        says="云锁",
        body=(
            "<html><body><script>var s=screen.width;document.cookie='srcurl=6874;path=/';"
            "self.location='/?security_verify_data=31'</script></body></html>"
        ),
        headers=(HTML, ("Set-Cookie", "yunsuo_session_verify=sample; path=/; HttpOnly")),
    ),
    "ruishu": FirewallPage(
        status=200,
        says="瑞数",
        body=(
            '<html><head><meta id="9DhefwqGPrzGxEp9hPaoag" content="sample">'
            "<script>$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.cd='sample';</script>"
            '<script src="/4QbVtADbnLVIc/c.FxJzG50F.js"></script></head><body></body></html>'
        ),
    ),
    "aliyun": FirewallPage(
        status=200,
        says="Aliyun",
        body="<html><script>var arg1='SAMPLE';setCookie('acw_sc__v2',arg1);</script></html>",
    ),
    "a script and a cookie": FirewallPage(
        status=200,
        says="sets a cookie and asks again",
        body="<html><body>请稍候…<script>window.location.reload();</script></body></html>",
        headers=(HTML, ("Set-Cookie", "token=sample; path=/")),
    ),
    "a script that makes the cookie": FirewallPage(
        status=202,
        says="HTTP 202, a challenge page",
        body="<script>document.cookie='t='+1*1;setTimeout('location.reload()',1500)</script>",
    ),
    "chuangyudun": FirewallPage(
        status=200,
        says="创宇盾",
        body=(
            '<html><head><title>访问被拦截</title></head><body><div class="box"><h1>很抱歉</h1>'
            "<p>当前访问疑似黑客攻击，已被创宇盾拦截。</p><p>如果您是网站管理员，请登录后台查看。"
            '事件编号：20260301000000</p><a href="/">返回首页</a></div></body></html>'
        ),
    ),
    "block page in gbk": FirewallPage(
        status=405,
        says="HTTP 405",
        body=(
            '<html><head><meta charset="gb2312"></head><body><p>您的请求存在异常，已被本站防火墙'
            "拦截，请稍后再试。</p></body></html>"
        ),
        encoding="gb18030",
        headers=(("Content-Type", "text/html"),),
    ),
}
