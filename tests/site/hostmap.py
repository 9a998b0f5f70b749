"""Sends Scrapy's requests for the sample hosts to a local port and refuses all others.

Named in ``tests.site.settings`` as the download handler for http and https.
"""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.web.client import HTTPConnectionPool


class HostNotMapped(Exception):
    """A request for a host that is not in ``HOST_MAP``; nothing was sent."""


class HostMapDownloadHandler(HTTP11DownloadHandler):
    """Scrapy's own handler with another place to connect to, by setting ``HOST_MAP``.

    ``HOST_MAP`` is a dictionary or a JSON string ``{host: "127.0.0.1:port"}``. The request, with
    its address and its Host header, is the one for the original host; only the connection goes
    elsewhere, and without TLS. Raises ``HostNotMapped`` for any other host and for a proxy.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        addresses = read_host_map(crawler.settings.getdict("HOST_MAP"))
        self._pool = _MappedPool(addresses, self._pool)

    async def download_request(self, request: Request) -> Response:
        """The response of the mapped server, its ``url`` as requested."""
        host = (urlsplit(request.url).hostname or "").lower()
        self._pool.check(host, request.url)
        if request.meta.get("proxy"):
            raise HostNotMapped(f"{request.url} asks for a proxy; the sample portals have none")
        return await super().download_request(request)


class _MappedPool(HTTPConnectionPool):  # type: ignore[misc]
    """A connection pool that connects to the mapped address whatever endpoint it is given."""

    def __init__(self, addresses: dict[str, tuple[str, int]], pool: HTTPConnectionPool) -> None:
        super().__init__(pool._reactor, persistent=True)
        self.maxPersistentPerHost = pool.maxPersistentPerHost
        self._factory = pool._factory
        self._addresses = addresses

    def check(self, host: str, url: str) -> None:
        """Raise ``HostNotMapped`` unless ``host`` is in the map."""
        if host not in self._addresses:
            raise HostNotMapped(
                f"{url} was not fetched: {host!r} is not in HOST_MAP"
                f" ({', '.join(sorted(self._addresses))}); the sample crawl stays on this machine"
            )

    def getConnection(self, key: tuple[Any, ...], endpoint: object) -> Deferred[Any]:
        """A connection to the address mapped to the host in ``key`` (scheme, host, port, ...)."""
        host = key[1].decode("ascii").lower()
        self.check(host, host)
        address, port = self._addresses[host]
        return super().getConnection(key, TCP4ClientEndpoint(self._reactor, address, port))


def read_host_map(values: dict[str, str]) -> dict[str, tuple[str, int]]:
    """Host to (address, port); raises ``ValueError`` for anything but a loopback address."""
    addresses = {}
    for host, value in values.items():
        address, _, port = value.rpartition(":")
        if not ip_address(address).is_loopback:
            raise ValueError(f"HOST_MAP: {host} is mapped to {value}, not to a loopback address")
        addresses[host.lower()] = (address, int(port))
    return addresses
