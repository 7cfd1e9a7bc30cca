"""`kelisim serve` says what is missing before it starts."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, Command
from tests.web.some_people import some_people


def test_open_host_is_refused(process: Command, case_folder: Path) -> None:
    """A server for others without a password must not start by mistake."""
    done = process("serve", str(case_folder), "--host", "0.0.0.0", "--no-browser")
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == "--host 0.0.0.0: others could reach this server. Say who may: kelisim users add NAME, then --users FILE.\n"
    )


def test_a_file_of_people_that_is_none_is_refused(cli: Command, case_folder: Path, tmp_path: Path) -> None:
    """A login without people would be none."""
    done = cli("serve", str(case_folder), "--users", str(tmp_path / "none.toml"), "--no-browser")
    assert done.returncode == 2 and "There is no file" in done.stderr


def test_wrong_case_is_told_before_the_page(cli: Command) -> None:
    """A case that is not there is said on the terminal, not on an empty page."""
    done = cli("serve", "nowhere", "--no-browser")
    assert done.returncode == 2 and '"nowhere" does not exist' in done.stderr


@pytest.mark.parametrize("port", ["0", "65536", "-1"])
def test_port_that_is_none(cli: Command, case_folder: Path, port: str) -> None:
    """A port out of range ended in a traceback."""
    done = cli("serve", str(case_folder), "--port", port, "--no-browser")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"--port {port}: a port is a number from 1 to 65535.\n"


def test_port_in_use(cli: Command, case_folder: Path) -> None:
    """A second server says in one line that the port is taken, and which is free, before it reads the case."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = cli("serve", "nowhere", "--port", str(port), "--no-browser")
    assert (done.returncode, done.stdout) == (2, "")
    line = rf"--port {port}: another program listens there already. (Free is --port (\d+)|Choose another)\.\n"
    found = re.fullmatch(line, done.stderr)
    assert found and (found[2] is None or int(found[2]) > port)


def test_host_of_another_machine(cli: Command, case_folder: Path, tmp_path: Path) -> None:
    """An address that this machine has not is said in one line."""
    users = str(some_people(tmp_path))
    done = cli("serve", str(case_folder), "--host", "192.0.2.77", "--users", users, "--no-browser")
    assert (done.returncode, done.stderr) == (2, "--host 192.0.2.77: this machine has no such address.\n")


def test_missing_extra_is_named(tmp_path: Path) -> None:
    """Without the packages of the pages the message says how to get them, and there is no traceback."""
    words = "import sys; sys.modules['nicegui'] = None; from kelisim.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", words, "serve"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, "This needs an optional part: pip install 'kelisim[web]'\n")
