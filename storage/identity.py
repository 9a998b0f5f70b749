"""The canonical URL: one address for one article, from one function.

Called by ``crawler.extract`` for ``Article.url`` and by ``storage`` for its unique keys.
"""

import re
from hashlib import sha256
from urllib.parse import quote, urlsplit, urlunsplit

from storage.characters import storable_text

# Parameters that say who shared or counted a link and never which article it is. Sources: the
# documented campaign parameters of Google (utm_*, gclid), Baidu (hmsr..., bd_vid), Alibaba (spm,
# scm), the share parameters of WeChat pages (isappinstalled, from=timeline), session numbers of
# Java and PHP servers.
_TRACKING = re.compile(
    r"(utm_\w+|gclid|fbclid|bd_vid|hm(sr|pl|cu|kw|ci)|spm|scm|isappinstalled|share_(token|source)"
    r"|wechat_redirect|nsukey|jsessionid|phpsessid)",
    re.IGNORECASE,
)
_SESSION_IN_PATH = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)
_SHARE_FROM = {"timeline", "groupmessage", "singlemessage", "appmessage"}  # WeChat's from=...
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]*:[0-9a-f:.]*")  # a name, an IPv4 or an IPv6 address
_UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"  # RFC 3986 2.3
_IN_PATH = _UNRESERVED + "!$&'()*+,;=:@"  # what a path segment may hold unescaped, RFC 3986 3.3
# PostgreSQL refuses index entries above 2,704 bytes; longer keys end in a digest.
_MAX_KEY = 1000


def canonical_url(url: str) -> str:
    """``url`` as the archive keeps it: lower-case host, no default port, fragment or tracking.

    Parameters are sorted, percent-escapes made uniform, and the scheme kept as it is (an article
    reached by http and https has one unique key all the same, see ``url_key``). Raises
    ``ValueError`` when it is not an absolute http or https URL.
    """
    try:
        parts = urlsplit(storable_text(url).strip())
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValueError(f"not a usable URL: {url!r} ({error})") from None
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or not host:
        raise ValueError(f"not an absolute http or https URL: {url!r}")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii").lower()
        except UnicodeError:
            raise ValueError(f"no such host name can exist: {url!r}") from None
    host = host.rstrip(".")
    if not _HOST.fullmatch(host):
        raise ValueError(f"no such host name can exist: {url!r}")
    if ":" in host:  # an IPv6 address
        host = f"[{host}]"
    if port is not None and port != _PORTS[scheme]:
        host = f"{host}:{port}"
    path = _uniform(_SESSION_IN_PATH.sub("", parts.path), _IN_PATH, also_kept="/")
    return urlunsplit((scheme, host, path or "/", _clean_query(parts.query), ""))


def url_key(url: str) -> str:
    """The unique key of an address: its canonical URL without the scheme, at most 1,000 long."""
    key = canonical_url(url).partition("://")[2]
    if len(key) > _MAX_KEY:  # "#" stands in no canonical URL, so no other key looks like this
        key = f"{key[: _MAX_KEY - 65]}#{sha256(key.encode()).hexdigest()}"
    return key


def _clean_query(query: str) -> str:
    kept = []
    for part in query.split("&"):
        name, equals, value = part.replace("+", "%20").partition("=")
        name, value = _uniform(name, _UNRESERVED), _uniform(value, _UNRESERVED)
        if not part or _TRACKING.fullmatch(name) or (name == "from" and value in _SHARE_FROM):
            continue
        kept.append((name, value, equals))
    return "&".join(f"{name}{equals}{value}" for name, value, equals in sorted(kept))


def _uniform(text: str, bare: str, also_kept: str = "") -> str:
    """Percent-escapes in one form: none for the ``bare`` characters, upper-case for all others.

    An escaped character of ``also_kept`` stays escaped and a bare one bare: they differ.
    """

    def one(escape: re.Match[str]) -> str:
        character = chr(int(escape[1], 16))
        return character if character in bare else escape[0].upper()

    escaped = re.sub("%(?![0-9A-Fa-f]{2})", "%25", quote(text, safe=bare + also_kept + "%"))
    return re.sub("%([0-9A-Fa-f]{2})", one, escaped)
