"""Tell a refusal from a page: statuses, block pages and challenge pages of firewalls.

A pure function of one response, called by ``crawler.middlewares.refusal`` and ``robots``. What is
recognised is recorded and obeyed, never worked around.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from lxml import etree, html

from crawler.extract import ExtractionError
from crawler.extract.decode import decode_body

_STATUS = {
    403: "forbidden",
    412: "precondition failed, what RuiShu (瑞数) firewalls answer",
    429: "too many requests",
    521: "what Jiasule (加速乐) answers before its challenge",
}
# Names that a firewall's challenge sets as a cookie or carries in its script. They decide only on
# a page without text: an article may well mention one (domain notes, sections 4 and 7).
_MARKS = {
    "Jiasule (加速乐)": re.compile(rb"__jsl_clearance|__jsluid", re.IGNORECASE),
    "WZWS (网站卫士)": re.compile(
        rb"wzws[-_]?(?:ray|challenge|confirm|template|cid)", re.IGNORECASE
    ),
    "Yunsuo (云锁)": re.compile(rb"(?:yunsuo|security)_session_(?:verify|mid)"),
    "Aliyun": re.compile(rb"acw_sc__v\d|aliyunwaf|aliyun_waf"),
    "RuiShu (瑞数)": re.compile(rb"\$_ts\s*=\s*window|\$_ts\[['\"]|_\$[a-z]{2}\(\)\s*;"),
    "Huawei Cloud": re.compile(rb"HWWAFSESID|HMWAF|cloudwaf", re.IGNORECASE),
    "Cloudflare": re.compile(rb"/cdn-cgi/challenge-platform/|cf_chl_|cf-chl-"),
}
# What a firewall tells a person, in whole phrases on a short page.
_BLOCKED = re.compile(
    r"(?:创宇盾|加速乐|网站卫士|云锁|安全狗|云防护|防火墙|WAF).{0,80}(?:拦截|阻断|禁止|拒绝|防护)"
    r"|(?:拦截|阻断|禁止|拒绝).{0,80}(?:创宇盾|加速乐|网站卫士|云锁|安全狗|云防护|防火墙|WAF)"
    r"|(?:当前|您的?)(?:IP|ip|访问|请求|操作)[^。]{0,20}(?:被|已被)[^。]{0,12}(?:拦截|阻断|禁止|限制)"
    r"|请(?:完成|进行)[^。]{0,8}(?:安全|人机)验证|(?:拖动|滑动)滑块",
    re.DOTALL,
)
# A script that makes a cookie or hides what it does; a script that only moves on does neither.
_EVASIVE = re.compile(
    r"document\s*(?:\.\s*cookie|\[)|\beval\s*\(|fromCharCode|\batob\s*\(|_0x[0-9a-f]{4}"
)
_MOVES_ON = re.compile(r"location\s*(?:\.\s*(?:href|reload|replace|assign)|\[|=)")
_PAGE_BYTES = 64 * 1024  # the longest challenge, obfuscated; a longer page is not parsed again
_CHALLENGE_TEXT = 120  # characters that a challenge shows: "请稍候…", "please enable JavaScript"
_BLOCK_TEXT = 500  # characters of a block page with its request number and advice
_UNREAD = ("script", "style", "noscript", "head", "template")
_SHOWN = "//img | //a[@href] | //video | //iframe | //object"
_WRITTEN = (
    "//*[self::h1 or self::h2 or self::h3 or self::p or self::li or self::td][normalize-space()]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """Text that a person sees, without white space; inline scripts; how much else is shown.

    ``is_written`` is whether headings, paragraphs, items or cells hold text.
    """

    text: str
    scripts: str
    shown: int
    is_written: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a response is a refusal; ``retry_at`` when the server names a time to come back."""

    reason: str
    retry_at: dt.datetime | None = None


def refusal_of(
    status: int, headers: Mapping[str, str], body: bytes, now: dt.datetime
) -> Refusal | None:
    """Why this response refuses the crawler, ``None`` when it does not.

    ``headers`` have lower-case names; ``body`` is decompressed. A 503 is a refusal only when it
    names a time to come back, otherwise the server is in trouble and may be asked again.
    """
    retry_at = retry_time(headers.get("retry-after"), now)
    page = _parse(body)
    what = (_challenge(headers, body, page) or _block(page)) if page else None
    if status in _STATUS or (status == 503 and retry_at):
        by = f", {what}" if what else ""
        after = f", asks to wait: Retry-After {headers['retry-after']}" if retry_at else ""
        said = _STATUS.get(status, "unavailable")
        return Refusal(reason=f"HTTP {status} {said}{by}{after}", retry_at=retry_at)
    if what is None:
        return None
    shown = "" if status == 200 else f"HTTP {status}, "
    return Refusal(reason=f"{shown}{what} instead of the page", retry_at=retry_at)


def retry_time(text: str | None, now: dt.datetime) -> dt.datetime | None:
    """When a Retry-After header asks to come back (RFC 9110, 10.2.3), ``None`` without a time."""
    if not text:
        return None
    text = text.strip()
    if text.isdecimal():
        return now + dt.timedelta(seconds=min(int(text), 366 * 86400))
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=dt.UTC)


def _challenge(headers: Mapping[str, str], body: bytes, page: _Page) -> str | None:
    """A page that shows nothing and runs a script of a firewall."""
    if len(page.text) > _CHALLENGE_TEXT or page.shown > 1 or b"<script" not in body.lower():
        return None
    cookies = headers.get("set-cookie", "")
    moves_on = bool(_MOVES_ON.search(page.scripts))
    is_evasive = bool(_EVASIVE.search(page.scripts))
    for firewall, mark in _MARKS.items():
        # every page behind some firewalls sets their cookie; only a challenge also asks again
        is_asked = moves_on and mark.search(cookies.encode("latin-1", "replace"))
        if mark.search(body) or (is_asked and not page.is_written):
            return f"a challenge page of {firewall}"
    if moves_on and (is_evasive or (cookies and not page.is_written)):
        return "a challenge page (a script that sets a cookie and asks again)"
    return None


def _block(page: _Page) -> str | None:
    """A page that tells a person that a firewall has stopped the request."""
    found = _BLOCKED.search(page.text) if len(page.text) <= _BLOCK_TEXT else None
    return f"a firewall's block page (“{found.group()[:60]}”)" if found else None


def _parse(body: bytes) -> _Page | None:
    """What a small HTML page shows; ``None`` for anything else."""
    if len(body) > _PAGE_BYTES or body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"<":
        return None
    try:
        source = decode_body(body, None, "refusal").text
        root = html.document_fromstring(source.encode(), parser=html.HTMLParser(encoding="utf-8"))
    except (ExtractionError, etree.ParserError, etree.XMLSyntaxError):
        return None
    scripts = "\n".join(element.text or "" for element in root.iter("script"))
    etree.strip_elements(root, etree.Comment, *_UNREAD, with_tail=False)
    return _Page(
        text="".join(root.text_content().split()),
        scripts=scripts,
        shown=len(root.xpath(_SHOWN)),
        is_written=bool(root.xpath(_WRITTEN)),
    )
