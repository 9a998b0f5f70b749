"""The canonical URL: one address for one article, from one function.

Called by ``crawler.extract`` for ``Article.url`` and by ``storage.archive`` for its unique keys.
"""

import re
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

# Parameters that say who shared or counted a link and never which article it is. Sources: the
# documented campaign parameters of Google (utm_*, gclid), Baidu (hmsr..., bd_vid), Alibaba (spm,
# scm) and the share parameters of WeChat pages (isappinstalled, from=timeline).
_TRACKING = re.compile(
    r"^(utm_\w+|gclid|fbclid|bd_vid|hm(sr|pl|cu|kw|ci)|spm|scm|isappinstalled|share_(token|source)"
    r"|wechat_redirect|nsukey|jsessionid|phpsessid)$",
    re.IGNORECASE,
)
_SHARE_FROM = {"timeline", "groupmessage", "singlemessage", "appmessage"}  # WeChat's from=...
_PORTS = {"http": 80, "https": 443}
_SAFE_PATH = "/:@!$&'()*+,;=~-._%"


def canonical_url(url: str) -> str:
    """``url`` as the archive keeps it: lower-case host, no default port, fragment or tracking.

    Parameters are sorted, percent-escapes made uniform, and the scheme kept as it is (an article
    reached by http and https has one unique key all the same, see ``url_key``). Raises
    ``ValueError`` when it is not an absolute http or https URL.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise ValueError(f"not a usable URL: {url!r} ({error})") from None
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or not host:
        raise ValueError(f"not an absolute http or https URL: {url!r}")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            host = quote(host, safe="")
    if ":" in host:  # an IPv6 address
        host = f"[{host}]"
    if port and port != _PORTS[scheme]:
        host = f"{host}:{port}"
    path = quote(
        unquote(parts.path, errors="surrogateescape"), _SAFE_PATH, errors="surrogateescape"
    )
    if "%2f" in parts.path.lower() or "%25" in parts.path:  # escapes that carry meaning stay
        path = quote(parts.path, _SAFE_PATH, errors="surrogateescape")
    return urlunsplit((scheme, host, path or "/", _clean_query(parts.query), ""))


def url_key(url: str) -> str:
    """The unique key of an address: its canonical URL without the scheme."""
    return canonical_url(url).partition("://")[2]


def _clean_query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    kept = sorted(
        (name, value)
        for name, value in pairs
        if not _TRACKING.match(name) and not (name == "from" and value in _SHARE_FROM)
    )
    return "&".join(
        f"{quote(name, '', errors='surrogateescape')}"
        + (f"={quote(value, '', errors='surrogateescape')}" if value or f"{name}=" in query else "")
        for name, value in kept
    )
