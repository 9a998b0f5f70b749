"""Where a command's log goes: beside ``scrapy.cfg``, so that the terminal keeps the summary.

Lines of a log file are JSON objects, unless ``ARCHIVE_LOG_FORMAT`` says ``text``.
"""

import datetime as dt
import logging
from pathlib import Path
from typing import Any

from pythonjsonlogger.json import JsonFormatter
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings
from scrapy.utils.conf import closest_scrapy_cfg

_FORMATS = ("json", "text")


class JsonLines(JsonFormatter):
    """One object a line: ``time`` (UTC), ``level``, ``logger``, ``portal``, ``message``, ``error``.

    ``portal`` is left out when the line belongs to none, ``error`` (a traceback) without one.
    """

    def __init__(self) -> None:
        super().__init__(json_ensure_ascii=False)

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        """Chosen fields only: what libraries attach to a line are objects, not figures."""
        at = dt.datetime.fromtimestamp(record.created, dt.UTC)
        log_data["time"] = at.isoformat(timespec="milliseconds")
        log_data["level"] = record.levelname
        log_data["logger"] = record.name
        if portal := _portal(record):
            log_data["portal"] = portal
        log_data["message"] = record.getMessage()
        error = message_dict.get("exc_info") or record.exc_text
        if error or record.stack_info:
            log_data["error"] = error or record.stack_info


def _portal(record: logging.LogRecord) -> str | None:
    """Name of the portal whose crawl wrote the line, if Scrapy says which."""
    spider = getattr(record, "spider", None)
    if spider is None:
        spider = getattr(getattr(record, "crawler", None), "spider", None)
    name = getattr(spider, "portal_name", None) or getattr(spider, "name", None)
    return name if isinstance(name, str) else None


def project_folder(name: str) -> Path:
    """The folder called ``name`` beside ``scrapy.cfg``, or here; it need not exist."""
    cfg = closest_scrapy_cfg()
    return Path(cfg).parent / name if cfg else Path(name)


def name_log_file(settings: BaseSettings, name: str) -> None:
    """Log to ``logs/<name>.log`` unless told otherwise; ``UsageError`` when it cannot be made.

    To be called before the crawler process exists, which sets up logging.
    """
    if not settings.getbool("LOG_ENABLED"):
        return
    if not settings.get("LOG_FILE"):
        folder = project_folder("logs")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"cannot create {folder}: {error.strerror}; name a --logfile", print_help=False
            ) from None
        settings.set("LOG_FILE", str(folder / f"{name}.log"), priority="cmdline")
    kind = settings.get("ARCHIVE_LOG_FORMAT")
    if kind not in _FORMATS:
        raise UsageError(f"ARCHIVE_LOG_FORMAT={kind}: give json or text", print_help=False)
    if kind == "json":
        _log_json(settings)


def _log_json(settings: BaseSettings) -> None:
    """Open the log file in Scrapy's place: it makes its handler anew for every crawl, as text."""
    file = settings.get("LOG_FILE")
    mode = "a" if settings.getbool("LOG_FILE_APPEND") else "w"
    try:
        handler = logging.FileHandler(
            file,
            mode=mode,
            encoding=settings.get("LOG_ENCODING"),
            errors="backslashreplace",  # a lone surrogate becomes its JSON escape
        )
    except OSError as error:
        raise UsageError(
            f"cannot write {file}: {error.strerror}; name another --logfile", print_help=False
        ) from None
    handler.setFormatter(JsonLines())
    handler.setLevel(settings.get("LOG_LEVEL"))
    logging.root.setLevel(logging.NOTSET)
    logging.root.addHandler(handler)
    settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")
