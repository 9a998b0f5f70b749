"""README's cron section, followed word for word in a home of its own."""

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from storage import Archive
from tests.commands import ROOT
from tests.site.server import SampleSite

COPIED = ("Makefile", "scrapy.cfg", "pyproject.toml", "requirements.txt", "contrib", "tests")
UNITS = ("jiedu-update.service", "jiedu-update.timer")
# A crontab program that keeps what it is given; real ones belong to the machine.
CRONTAB = """#!/bin/sh
if [ "$1" = -l ]; then cat "$HOME/crontab" || exit 1; else cat > "$HOME/new"; mv "$HOME/new" "$HOME/crontab"; fi
"""  # noqa: E501


def code_blocks(language: str) -> list[str]:
    """What the cron section says in blocks of a language."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = re.search(r"^## From cron\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert section, "README.md has no section '## From cron'"
    return re.findall(rf"^```{language}\n(.*?)^```", section[1], re.M | re.S)


def job_of(crontab: str) -> str:
    """The one line of a crontab that is no comment."""
    (line,) = [line for line in crontab.splitlines() if line and not line.startswith("#")]
    return line


def command_of(job: str) -> str:
    """The command of a crontab's line, behind the five fields of the time."""
    *when, command = job.split(None, 5)
    assert len(when) == 5
    assert "%" not in command  # cron makes line ends of them
    return command


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a copy of the project, whose programs are those of this test run."""
    folder = tmp_path / "jiedu"
    folder.mkdir()
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, folder / name)
    (folder / ".venv").mkdir()
    (folder / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    (folder / ".venv" / ".runtime").touch()  # installed: `make install` has nothing to do
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "crontab"
    program.write_text(CRONTAB)
    program.chmod(0o755)
    return tmp_path


def shell(home: Path, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command with as little around it as cron gives."""
    return subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=home,
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_readmes_lines_install_a_job_that_updates_the_archive(home: Path) -> None:
    install, _systemd = code_blocks("sh")
    path = f"{home / 'bin'}:/usr/bin:/bin"
    done = shell(home, f"{install}exit $?", PATH=path)
    assert done.returncode == 0, done.stderr
    job = job_of((home / "crontab").read_text())
    with SampleSite(articles=12) as site:
        samples = {"SCRAPY_PROJECT": "samples", "JIEDU_HOST_MAP": json.dumps(site.host_map)}
        for _ in range(2):
            done = shell(home, command_of(job), **samples)
            said = (home / "jiedu" / "logs" / "cron.log").read_text(encoding="utf-8")
            assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), said
        agents = {request.header("User-Agent") or "" for request in site.requests}
        assert all("contact: you@example.org" in agent for agent in agents)
    assert said.count("samples_gov: ") == 2
    assert (home / "jiedu" / "logs" / "update.log").is_file()
    with Archive.open(home / "jiedu" / "archive" / "archive.db") as archive:
        assert archive.counts()["articles"] == 12


def test_the_readme_shows_the_line_of_the_crontab() -> None:
    (shown,) = code_blocks("crontab")
    assert job_of(shown) == job_of((ROOT / "contrib" / "crontab").read_text(encoding="utf-8"))


def test_an_installed_crontab_keeps_its_other_jobs(home: Path) -> None:
    (home / "crontab").write_text("5 4 * * * true\n")
    install, _systemd = code_blocks("sh")
    shell(home, install, PATH=f"{home / 'bin'}:/usr/bin:/bin")
    assert (home / "crontab").read_text().startswith("5 4 * * * true\n")
    assert "scrapy update" in (home / "crontab").read_text()


def test_the_units_are_valid_and_run_the_crontabs_command(home: Path) -> None:
    units = {}
    for name in UNITS:
        units[name] = configparser.ConfigParser(interpolation=None, strict=True)
        units[name].optionxform = str  # type: ignore[assignment,method-assign]
        units[name].read_string((ROOT / "contrib" / name).read_text(encoding="utf-8"))
    service = units["jiedu-update.service"]["Service"]
    assert service["SuccessExitStatus"] == "75"
    command = command_of(job_of((ROOT / "contrib" / "crontab").read_text(encoding="utf-8")))
    assert service["ExecStart"].removeprefix("%h/jiedu/") in command
    assert service["Environment"] in command
    if shutil.which("systemd-analyze") is None:
        return
    paths = [str(home / "jiedu" / "contrib" / name) for name in UNITS]
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", *paths],
        env=os.environ | {"HOME": str(home), "XDG_RUNTIME_DIR": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    about_ours = [line for line in done.stderr.splitlines() if "jiedu" in line]
    assert about_ours == []
