"""The repository as a stranger gets it: nothing of our machines in it, and every link leads somewhere."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import kelisim

ROOT = Path(__file__).parents[1]
LARGEST = 5_000_000  # bytes

# In pieces, so that this file does not find itself.
HOSTS = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry." + "npmjs",
    "deb." + "debian.org",
    "security.debian" + ".org",
]
FOLDERS = ["work", "root", "tmp", "home", "Users"]
FOREIGN = re.compile("|".join(map(re.escape, HOSTS)) + r"|(?<![\w.:/-])/(?:" + "|".join(FOLDERS) + r")/\w")


def repository_files() -> list[Path]:
    """Files that are tracked, or new and not ignored."""
    command = ["git", "-c", "core.quotePath=off", "ls-files", "-co", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


needs_git = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout")


@needs_git
def test_files_are_portable() -> None:
    """An address of an index, a path of our machine or a Windows line end breaks the set-up elsewhere."""
    wrong = []
    for path in repository_files():
        content = path.read_bytes()
        if len(content) > LARGEST:
            wrong.append(f"{path.relative_to(ROOT)}: {len(content):,} bytes")
        if b"\0" in content:
            continue
        if b"\r\n" in content:
            wrong.append(f"{path.relative_to(ROOT)}: lines end with CR LF")
        for number, line in enumerate(content.decode("utf-8").splitlines(), 1):
            if found := FOREIGN.search(line):
                wrong.append(f"{path.relative_to(ROOT)}:{number}: {found.group()}")
    assert wrong == []


@needs_git
def test_links_between_pages_lead_somewhere() -> None:
    """A dead link in the README is the first thing a newcomer meets."""
    dead = []
    for page in repository_files():
        if page.suffix != ".md":
            continue
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                dead.append(f"{page.relative_to(ROOT)}: {target}")
    assert dead == []


@pytest.mark.parametrize("command", ["make demo", "make test"])
def test_readme_names_the_commands(command: str) -> None:
    """Someone who has only the README must get to a result."""
    assert f"```sh\n{command}\n```" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_pins_cover_the_dependencies() -> None:
    """A package without a pin makes today's install differ from tomorrow's."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in lines}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [
        *project["dependencies"],
        *(row for rows in project["optional-dependencies"].values() for row in rows),
    ]
    names = {re.split(r"[^\w.-]", row)[0].lower().replace("_", "-") for row in asked}
    assert names - pinned == set()


def test_version_is_the_same_everywhere() -> None:
    """Who cites kelisim must name the version that was used."""
    assert f'version: "{kelisim.__version__}"' in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
