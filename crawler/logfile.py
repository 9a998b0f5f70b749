"""Where a command's log goes: beside ``scrapy.cfg``, so that the terminal keeps the summary."""

from pathlib import Path

from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings
from scrapy.utils.conf import closest_scrapy_cfg


def project_folder(name: str) -> Path:
    """The folder called ``name`` beside ``scrapy.cfg``, or here; it need not exist."""
    cfg = closest_scrapy_cfg()
    return Path(cfg).parent / name if cfg else Path(name)


def name_log_file(settings: BaseSettings, name: str) -> None:
    """Log to ``logs/<name>.log`` unless told otherwise; ``UsageError`` when it cannot be made."""
    if settings.get("LOG_FILE") or not settings.getbool("LOG_ENABLED"):
        return
    folder = project_folder("logs")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"cannot create {folder}: {error.strerror}; name a --logfile", print_help=False
        ) from None
    settings.set("LOG_FILE", str(folder / f"{name}.log"), priority="cmdline")
