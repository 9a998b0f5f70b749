"""What can go wrong between a portal and a crawler, switched on one address at a time.

The part of ``SampleSite`` that spoils responses; ``server`` asks it about every request.
"""

import threading
from dataclasses import dataclass
from typing import Literal

from tests.site.newsroom import PNG, Key, key_of

Spoiling = Literal["truncate", "empty", "binary", "wrong_charset", "oversize", "reset"]
ZIP = b"PK\x05\x06" + bytes(18)  # an archive without members
BINARIES = {"png": PNG * 40, "zip": b"PK\x03\x04" + bytes(26) + ZIP}


@dataclass(slots=True, kw_only=True)
class Fault:
    """What happens to requests for one address; ``times`` is ``None`` for as long as it stands."""

    status: int | None = None
    times: int | None = None
    retry_after: int | None = None
    spoiling: Spoiling | None = None
    size_bytes: int = 0
    binary: bytes = b""
    delay_seconds: float = 0
    drip_seconds: float = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None  # instead of the page


class Disturbances:
    """Faults by address; ``recover`` ends those of one address."""

    def __init__(self) -> None:
        self._faults: dict[Key, Fault] = {}
        self._fault_lock = threading.Lock()

    def fail(
        self, url: str, status: int = 500, times: int | None = None, *, retry_after: int = 120
    ) -> None:
        """Answer ``status``, for ever or so many times; 429 and 503 carry Retry-After (seconds)."""
        wait = retry_after if status in (429, 503) else None
        self._set(url, Fault(status=status, times=times, retry_after=wait))

    def replace_page(
        self,
        url: str,
        body: bytes,
        *,
        status: int = 200,
        headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"),),
        times: int | None = None,
    ) -> None:
        """Answer these bytes instead of the page, as a firewall in front of a portal does."""
        self._set(url, Fault(status=status, headers=headers, body=body, times=times))

    def truncate(self, url: str, times: int | None = None) -> None:
        """Announce the whole page, send half of it and close the connection."""
        self._set(url, Fault(spoiling="truncate", times=times))

    def oversize(self, url: str, size_bytes: int) -> None:
        """Send a page of that many bytes."""
        self._set(url, Fault(spoiling="oversize", size_bytes=size_bytes))

    def empty(self, url: str) -> None:
        """Answer 200 without a body."""
        self._set(url, Fault(spoiling="empty"))

    def binary(self, url: str, kind: str = "png") -> None:
        """Send the bytes of an image (``png``) or an archive (``zip``) as text/html."""
        self._set(url, Fault(spoiling="binary", binary=BINARIES[kind]))

    def wrong_charset(self, url: str) -> None:
        """Declare another charset than the bytes have, in the header and in the page."""
        self._set(url, Fault(spoiling="wrong_charset"))

    def slow(self, url: str, seconds: float) -> None:
        """Wait before answering; a stop of the site ends the wait."""
        self._set(url, Fault(delay_seconds=seconds))

    def drip(self, url: str, seconds: float) -> None:
        """Send the page a byte at a time, so many seconds between two."""
        self._set(url, Fault(drip_seconds=seconds))

    def reset(self, url: str, times: int | None = None) -> None:
        """Close the connection without an answer."""
        self._set(url, Fault(spoiling="reset", times=times))

    def recover(self, url: str) -> None:
        """End every fault of this address."""
        with self._fault_lock:
            self._faults.pop(key_of(url), None)

    def fault_for(self, key: Key) -> Fault:
        """What to do with a request now being answered; counts ``times`` down."""
        with self._fault_lock:
            fault = self._faults.get(key)
            if fault is None:
                return Fault()
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    del self._faults[key]
            return fault

    def _set(self, url: str, fault: Fault) -> None:
        with self._fault_lock:
            self._faults[key_of(url)] = fault


def declare_wrongly(body: bytes, declared: str) -> tuple[bytes, str]:
    """The same bytes declaring another charset, and that charset's name.

    UTF-8 pages say gb2312 and GB pages say utf-8, the two lies real portals tell.
    """
    lie = "gb2312" if declared == "utf-8" else "utf-8"
    head, mark, rest = body.partition(b"</head>")
    for name in (declared, declared.upper()):
        head = head.replace(f"charset={name}".encode(), f"charset={lie}".encode())
        head = head.replace(f'charset="{name}"'.encode(), f'charset="{lie}"'.encode())
    return head + mark + rest, lie
