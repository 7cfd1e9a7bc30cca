"""`kelisim convert` over something that is there: never a mixture of two cases, and nothing half."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kelisim import io
from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import UserError
from tests.cases.make import A, make
from tests.conftest import Command

PLAIN = {
    "places": A,
    "assets": "asset, kind, place, capacity, cost\nw, wind, a, 5, 1",
    "asset_ports": "asset, carrier, ratio\nw, electricity, 1",
    "demand": "place, carrier, customer_class, amount, unit\na, electricity, other, 87840, MWh",
}
# what stood there before: with it 5 MW are not missing all day
OLD = {
    "storage": {"storages": "storage, place, carrier, working_capacity, level_start, level_end\ns, a, electricity, 300, 1, 0"},
    "market": {"markets": "market, place, carrier, side, ceiling, price\nm, a, electricity, sells, 9, 20"},
    "contract": {"contracts": "contract, kind, carrier, delivery_place, daily_max, daily_unit\nc, supply, electricity, a, 9, MW"},
}  # fmt: skip


def plain() -> Case:
    """10 MW are needed for two days, and 5 are made."""
    return make("plain", **PLAIN)


def unserved(case: Case) -> float:
    return float((Engine(case, cache=False).base.columns["demand.unserved"].values * 24).sum())


def files(home: Path) -> dict[str, bytes]:
    return {
        path.relative_to(home).as_posix(): path.read_bytes() for path in home.rglob("*") if path.is_file()
    }


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """No file may grow beyond some bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("old", OLD)
def test_a_case_takes_the_place_of_another(old: str, tmp_path: Path) -> None:
    """Found by brute force: what the old case had came alive in the new one, whose 240 MWh short were 0."""
    before = make("before", **PLAIN, **OLD[old])
    assert unserved(before) == pytest.approx(0.0, abs=1e-6)
    io.write(before, tmp_path / "case")
    io.write(plain(), tmp_path / "case")
    there = io.read(tmp_path / "case")
    assert there.fingerprint == plain().fingerprint
    assert unserved(there) == pytest.approx(240.0)


def test_the_command_asks_before_it_replaces(cli: Command, tmp_path: Path) -> None:
    """A case that took weeks would be gone by a name given twice."""
    io.write(make("before", **PLAIN, **OLD["storage"]), tmp_path / "there")
    io.write(plain(), tmp_path / "plain")
    (tmp_path / "there" / "notes.txt").write_text("mine")
    before = files(tmp_path)
    done = cli("convert", "plain", "there")
    said = '"there" holds another case, "before". Name another folder, or put this one in its place with --force.\n'
    assert (done.returncode, done.stderr) == (2, said) and files(tmp_path) == before
    done = cli("convert", "plain", "there", "--force")
    assert done.returncode == 0, done.stderr
    assert io.read(tmp_path / "there").fingerprint == plain().fingerprint
    assert (tmp_path / "there" / "notes.txt").read_text() == "mine"
    assert cli("convert", "plain", "there").returncode == 0  # the very same case


@pytest.mark.parametrize(
    ("name", "target", "said"),
    [
        ("folder/letter.txt", "folder", '"folder" holds something that is not a case.'),
        ("case.xlsx", "case.xlsx", '"case.xlsx" is something that is not a case.'),
        ("net.geojson", "net.geojson", '"net.geojson" is something that is not a case.'),
    ],
)
def test_what_is_not_ours_is_left_alone(
    name: str, target: str, said: str, cli: Command, tmp_path: Path
) -> None:
    """A name mistyped must not cost a letter."""
    io.write(plain(), tmp_path / "plain")
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("mine")
    before = files(tmp_path)
    done = cli("convert", "plain", target)
    assert done.returncode == 2 and done.stderr.startswith(said) and files(tmp_path) == before


def test_no_case_is_put_where_it_could_not_be_read(tmp_path: Path) -> None:
    """A table of something else beside the tables of a case would be read as one of them."""
    (tmp_path / "prices.csv").write_text("mine")
    with pytest.raises(UserError) as caught:
        io.write(plain(), tmp_path)
    assert (
        str(caught.value)
        == f'"{tmp_path}" holds prices.csv, which would be read as part of the case. Name another folder.'
    )
    assert list(files(tmp_path)) == ["prices.csv"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("out.pdf", "--to", "pypsa"), '"out.pdf": a case in the format pypsa is a folder or ends in .nc or ends in .xlsx. Did you mean "out"?'),
        (("out.xlsx", "--to", "csv_folder"), '"out.xlsx": a case in the format csv_folder is a folder. Did you mean "out"?'),
        (("out.pdf", "--to", "excel"), '"out.pdf": a case in the format excel ends in .xlsx. Did you mean "out.xlsx"?'),
        (("out.xlsx", "--to", "geojson"), '"out.xlsx": a case in the format geojson ends in .geojson. Did you mean "out.geojson"?'),
        (("out.xls",), '"out.xls": no format ends in ".xls". Did you mean "out.xlsx"? Known: '),
    ],
)  # fmt: skip
def test_another_ending_is_refused(
    arguments: tuple[str, ...], said: str, cli: Command, tmp_path: Path
) -> None:
    """A workbook under the name of a PDF opens nowhere."""
    io.write(plain(), tmp_path / "plain")
    done = cli("convert", "plain", *arguments)
    assert done.returncode == 2 and done.stderr.startswith(said), done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["plain"]


@pytest.mark.parametrize(
    ("target", "how"),
    [
        ("new/case", "full"),
        ("there", "full"),
        ("there", "read-only"),
        ("there.xlsx", "full"),
        ("there.geojson", "read-only"),
        ("network", "full"),
        ("there.nc", "full"),
    ],
)
def test_a_disk_that_takes_nothing_more(
    target: str, how: str, cli: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, what was there before, and no pieces."""
    io.write(plain(), tmp_path / "plain")
    other = make("other", **PLAIN, **OLD["market"])
    format_name = "pypsa" if target == "network" else ""
    if not target.startswith("new"):
        io.write(other, tmp_path / target, format_name)
    before = files(tmp_path)
    arguments = ("convert", "plain", target, "--to", format_name, "--force")
    if how == "full":
        with full_disk(60):
            done = cli(*arguments)
    else:
        wrong = OSError(errno.EROFS, os.strerror(errno.EROFS))
        monkeypatch.setattr("tempfile.mkdtemp", lambda *_, **__: (_ for _ in ()).throw(wrong))
        done = cli(*arguments)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert done.stderr.startswith(f'"{target}" cannot be written: ')
    assert files(tmp_path) == before and not (tmp_path / "new").exists()
