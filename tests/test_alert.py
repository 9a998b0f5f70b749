"""ARCHIVE_ALERT: the operator's command gets the warnings; its own failure ends nothing."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from crawler import alert
from crawler.alert import new_warnings, send_alert

PAYLOAD = {
    "archive": "sqlite:///archive.db",
    "at": "2026-03-02T04:00:00+00:00",
    "exit_status": 1,
    "new": [{"portal": "example", "kind": "dried up", "text": "三天没有“新文章”"}],
    "warnings": [],
    "summary": "example: 0 new\n",
    "portals": {"example": {"new": 0}},
}


def test_the_command_gets_one_json_object(tmp_path: Path) -> None:
    file = tmp_path / "alert.json"
    assert send_alert(f"cat > '{file}'", PAYLOAD) is None
    data = file.read_bytes()
    assert json.loads(data) == PAYLOAD
    assert data.count(b"\n") == 1  # one line, its own end
    assert "三天没有".encode() in data


def test_it_is_a_shell_command_line(tmp_path: Path) -> None:
    file = tmp_path / "count"
    assert send_alert(f"grep -c dried | tee '{file}' > /dev/null && true", PAYLOAD) is None
    assert file.read_text() == "1\n"


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("echo 'no such host' >&2; exit 3", "status 3: no such host"),
        ("no-such-command-at-all", "status 127"),
        ("exit 1", "no word of why"),
        ("kill -9 $$", "status -9"),
        ("head -c 100000 /dev/zero | tr '\\0' x; exit 1", "status 1: xxx"),
        ("a\0b", "cannot be run"),
    ],
)
def test_its_failure_is_a_problem_in_one_short_line(command: str, says: str) -> None:
    problem = send_alert(command, PAYLOAD)
    assert problem
    assert says in problem
    assert "\n" not in problem
    assert len(problem) < 300


def test_a_command_need_not_read_what_it_gets() -> None:
    large = PAYLOAD | {"summary": "很长" * 500_000}
    assert send_alert("true", large) is None


def test_a_command_that_hangs_is_stopped_with_all_it_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(alert, "ALERT_SECONDS", 0.5)
    file = tmp_path / "pid"
    began = time.monotonic()
    problem = send_alert(f"sleep 30 & echo $! > '{file}'; sleep 30", PAYLOAD)
    assert time.monotonic() - began < 10
    assert problem
    assert "did not end within" in problem
    pid = int(file.read_text())
    while _is_running(pid):  # the kernel takes its time
        assert time.monotonic() - began < 10


def test_what_a_command_leaves_running_is_not_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    began = time.monotonic()
    assert send_alert(f"sleep 30 & echo $! > '{file}'", PAYLOAD) is None
    assert time.monotonic() - began < 10
    pid = int(file.read_text())
    assert _is_running(pid)
    os.kill(pid, signal.SIGKILL)


def _is_running(pid: int) -> bool:
    """False too for a process that is over and waits to be reaped."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] not in "XZ"


def test_text_no_encoding_has_is_sent_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "alert.json"
    assert send_alert(f"cat > '{file}'", PAYLOAD | {"summary": "a\udc80b"}) is None
    assert json.loads(file.read_bytes())["summary"] == "a?b"


def warning(portal: str, kind: str, text: str = "") -> dict[str, str]:
    return {"portal": portal, "kind": kind, "text": text}


def test_a_warning_is_new_once() -> None:
    before = [warning("a", "generic", "3 of 3"), warning("b", "dried up")]
    now = [warning("a", "generic", "5 of 5"), warning("a", "dried up"), warning("b", "generic")]
    assert new_warnings(now, before) == now[1:]
    assert new_warnings(now, now) == []
    assert new_warnings(now, []) == now
    assert new_warnings([], before) == []
