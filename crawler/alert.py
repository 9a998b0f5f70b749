"""Tells the operator's own command what needs a person: mail, webhook or chat are one line each.

Called by ``scrapy update`` at its end. The setting ``ARCHIVE_ALERT`` is a shell command line; it
gets one JSON object (UTF-8) on its standard input.
"""

import contextlib
import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

ALERT_SECONDS = 60
_SAID = 200  # characters of the command's own complaint that are repeated
_SAID_BYTES = 2000

Record = Mapping[str, Any]


def send_alert(command: str, payload: Record) -> str | None:
    """Run the command on the payload; what went wrong with it, ``None`` when nothing did.

    The payload has ``archive``, ``at``, ``exit_status``, ``new`` (warnings the previous run did
    not have), ``warnings``, ``summary`` and ``portals``. An alarm that cannot be given never ends
    the run that wanted to give it.
    """
    text = json.dumps(payload, ensure_ascii=False, default=str) + "\n"
    # A page's lone surrogate cannot be encoded; the alarm goes out all the same.
    data = text.encode("utf-8", errors="replace")
    with tempfile.TemporaryFile() as output:  # no pipe: what it leaves running may keep it open
        try:
            process = subprocess.Popen(
                ["/bin/sh", "-c", command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that all it started can be ended with it
            )
        except (OSError, ValueError) as error:
            return f"ARCHIVE_ALERT cannot be run: {error}"
        try:
            process.communicate(data, timeout=ALERT_SECONDS)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return f"ARCHIVE_ALERT did not end within {ALERT_SECONDS} s and was stopped"
        if process.returncode == 0:
            return None
        output.seek(0)
        said = output.read(_SAID_BYTES).decode("utf-8", errors="replace")
    complaint = " ".join(said.split())[:_SAID] or "no word of why"
    return f"ARCHIVE_ALERT ended with status {process.returncode}: {complaint}"


def new_warnings(now: Sequence[Record], before: Sequence[Record]) -> list[Record]:
    """Warnings (``HealthWarning.as_record``) of a kind their portal did not have before."""
    known = {(warning.get("portal"), warning.get("kind")) for warning in before}
    return [warning for warning in now if (warning.get("portal"), warning.get("kind")) not in known]
