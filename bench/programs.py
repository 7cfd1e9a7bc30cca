"""What programs may ask of a server, tried from its own description with each role: no error of the server, and no status that is not described.

    python -m bench.programs [EXAMPLES]

Schemathesis makes requests from /api/v1/openapi.json, right ones and wrong ones. Ends with 1 where a role met an error.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kelisim.web.people.register import Person, digest, write
from kelisim.web.people.roles import ROLES

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
KELISIM = (sys.executable, "-c", "from kelisim.cli import main; main()")
READY = 120.0  # seconds in which the server must answer
PACE = "12/s"


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A server of a small case with one person of each role, whose token is the name of the role."""
    subprocess.run([*KELISIM, "new", str(folder / "case")], check=True, stdout=subprocess.DEVNULL)
    people = {role: Person(role, role, "KZ", "", {"own": digest(role)}) for role in ROLES}
    write(folder / "users.toml", people)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    words = [
        "serve",
        str(folder / "case"),
        "--port",
        str(port),
        "--no-browser",
        "--users",
        str(folder / "users.toml"),
    ]
    with (folder / "log").open("w") as said:
        process = subprocess.Popen(
            [*KELISIM, *words],
            stdout=said,
            stderr=said,
            env={**os.environ, "KELISIM_RUNS": str(folder / "runs")},
        )
        address = f"http://127.0.0.1:{port}"
        try:
            until = time.monotonic() + READY
            while time.monotonic() < until and process.poll() is None:
                with suppress(OSError), urllib.request.urlopen(f"{address}/api/v1/health"):
                    break
                time.sleep(0.3)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=30)


def main(arguments: list[str]) -> int:
    """Print the summary for each role."""
    examples = arguments[0] if arguments else "60"
    failed = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with serving(folder) as address:
            for role in ROLES:
                asked = [
                    "run",
                    f"{address}/api/v1/openapi.json",
                    "-H",
                    f"Authorization: Bearer {role}",
                    "--checks",
                    CHECKS,
                ]
                asked += ["--max-examples", examples, "--rate-limit", PACE, "--no-color", "--warnings", "off"]
                done = subprocess.run(
                    [
                        sys.executable,
                        "-c",
                        "from schemathesis.cli import schemathesis; schemathesis()",
                        *asked,
                    ],
                    check=False,
                    capture_output=True,
                    text=True,
                    cwd=folder,
                )
                print(
                    f"{role}:",
                    *(done.stdout.splitlines()[-12:] if not done.returncode else done.stdout.splitlines()),
                    done.stderr,
                    sep="\n  ",
                )
                failed += [role] if done.returncode else []
        wrong = [
            line
            for line in (folder / "log").read_text().splitlines()
            if "Traceback" in line or "error of kelisim itself" in line
        ]
    print(f"lines of errors in the log of the server: {len(wrong)}", *wrong[:5], sep="\n  ")
    return 1 if failed or wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
