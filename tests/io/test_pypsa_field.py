"""Networks as practitioners send them: each kind with its right value, or one clear error; three inputs of a kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray

from kelisim import io
from kelisim.errors import UserError
from kelisim.io import csv_folder
from tests.io.test_pypsa import cost, folder, notes

Files = dict[str, str]
STEP = "snapshot\n2013-01-01 00:00:00\n"
ONE: Files = {
    "buses": "name,carrier,country\nb,AC,KZ\n",
    "snapshots": STEP,
    "loads": "name,bus,p_set\nl,b,50\n",
}


def hours(count: int, weights: str = "", step: str = "h", start: str = "2013-01-01") -> str:
    """The table of snapshots; weights are a header and cells of the same in each row, such as `objective,stores;9,1`."""
    head, _, cells = weights.partition(";")
    times = pd.date_range(start, periods=count, freq=step)
    return "\n".join([f"snapshot,{head}".rstrip(","), *(f"{time},{cells}".rstrip(",") for time in times), ""])


def series(**columns: list[object]) -> str:
    """A table of series with an index that is not read."""
    rows = zip(*columns.values(), strict=True)
    return "\n".join(
        [
            ",".join(["snapshot", *columns]),
            *(f"{at}," + ",".join(map(str, row)) for at, row in enumerate(rows)),
            "",
        ]
    )


# ---- a whole year in netCDF: nanoseconds end in 2262, months of so many snapshots do not
@pytest.mark.parametrize(("count", "step", "length"), [(8760, "h", 1), (2920, "3h", 3), (365, "D", 24)])
def test_a_year_in_netcdf(count: int, step: str, length: int, tmp_path: Path) -> None:
    """A file of PyPSA's own of a whole year was refused with a traceback's words."""
    times = pd.date_range("2023-01-01", periods=count, freq=step).as_unit("ns")
    load = 50 + np.arange(count) % 7
    index = {
        "snapshots": times,
        "loads_i": ["l"],
        "loads_t_p_set_i": ["l"],
        "buses_i": ["b"],
        "generators_i": ["g"],
    }
    variables = {
        "buses_country": ("buses_i", ["KZ"]),
        "loads_bus": ("loads_i", ["b"]),
        "loads_t_p_set": (("snapshots", "loads_t_p_set_i"), load[:, None].astype(float)),
        "generators_bus": ("generators_i", ["b"]),
        "generators_p_nom": ("generators_i", [100.0]),
        "generators_marginal_cost": ("generators_i", [10.0]),
        **{
            f"snapshots_{weight}": ("snapshots", np.full(count, float(length)))
            for weight in ("objective", "stores", "generators")
        },
    }
    xarray.Dataset(variables, index).to_netcdf(tmp_path / "net.nc", engine="netcdf4")
    case = io.read(tmp_path / "net.nc")
    assert case.horizon.count == count
    assert case.horizon.start == times[0]
    assert cost(case) == pytest.approx(10 * length * load.sum(), rel=1e-9)
    assert len(case.table("profiles")) == 1, "a row for each of the profiles and not for each step"


CYRILLIC = {
    "loads": "name,bus,p_set\nl,town,30\n",
    "generators": "name,bus,p_nom,marginal_cost,carrier\nwell,source,200,10,{word}\n",
    "links": "name,bus0,bus1,p_nom,efficiency\nchp,source,town,200,0.5\n",
}


@pytest.mark.parametrize(
    ("word", "carrier"), [("газ", "gaz"), ("жылу мен бу", "zhylu_men_bu"), ("電気", "carrier")]
)
def test_carriers_in_other_scripts(word: str, carrier: str, tmp_path: Path) -> None:
    """Another carrier fell to electricity, and a plant became a line with losses."""
    files = {name: text.format(word=word) for name, text in CYRILLIC.items()}
    path = folder(
        tmp_path / "net",
        buses=f"name,carrier,country\nsource,{word},KZ\ntown,AC,KZ\n",
        snapshots=STEP,
        **files,
    )
    case = io.read(path)
    assert set(case.table("asset_ports")["carrier"]) == {carrier, "electricity"}
    assert case.table("carriers").set_index("carrier").loc[carrier, "name"] == word
    assert cost(case) == pytest.approx(60 * 10)
    assert any(note.startswith(f"carriers {word}: names that are no identifiers") for note in notes(path))


# ---- times
ZONED = [f"2013-07-01 {hour:02}:00:00" for hour in range(3)]


@pytest.mark.parametrize(
    ("times", "note"),
    [
        ([f"{time}+00:00" for time in ZONED], "snapshots: their times are those of UTC, which is dropped"),
        ([f"{time.replace(' ', 'T')}Z" for time in ZONED], "snapshots: their times are those of UTC, which is dropped"),
        ([f"{time}+05:00" for time in ZONED], "snapshots: their times are those of UTC+05:00, which is dropped"),
        (
            ["2013-06-30 23:00:00-01:00", "2013-07-01 01:00:00+00:00", "2013-07-01 03:00:00+01:00"],
            "snapshots: the zone of their times changes; they are in UTC here",
        ),
    ],
    ids=["UTC", "Z", "+05:00", "summer time"],
)  # fmt: skip
def test_times_with_a_zone(times: list[str], note: str, tmp_path: Path) -> None:
    """A day of summer stood in the winter of another year."""
    path = folder(tmp_path / "net", **ONE | {"snapshots": "\n".join(["snapshot", *times])}, generators=PLANT)
    case = io.read(path)
    assert case.horizon.steps["step"].dt.strftime("%Y-%m-%d %H").tolist() == [
        f"2013-07-01 {hour:02}" for hour in range(3)
    ]
    assert any(line.startswith(note) for line in notes(path))


PLANT = "name,bus,p_nom,marginal_cost\ng,b,100,10\n"


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (["2013-01-01 01:00", "2013-01-01 00:00"], "not in the order of time: row 3, 2013-01-01 00:00 follows 2013-01-01 01:00"),
        (["2013-01-01 01:00", "2013-01-01 01:00"], "row 3, 2013-01-01 01:00 stands twice. Sort them, each time once"),
        (["2013-01-01 00:00", "2013-13-01 01:00"], 'times that cannot be read: row 3, "2013-13-01 01:00". Write each as 2013-01-31 13:00'),
        (["01.02.2013 00:00", "01.02.2013 01:00"], 'in a form that is not sure: row 2, "01.02.2013 00:00". Write each as'),
    ],
    ids=["order", "twice", "no date", "day or month"],
)  # fmt: skip
def test_times_that_are_refused(times: list[str], words: str, tmp_path: Path) -> None:
    """What claims to be a date and is none must not become another one in silence."""
    path = folder(tmp_path / "net", **ONE | {"snapshots": "\n".join(["snapshot", *times])}, generators=PLANT)
    with pytest.raises(UserError) as caught:
        io.read(path)
    assert words in str(caught.value)


def test_snapshots_with_names_are_said(tmp_path: Path) -> None:
    """Names that are no times get times, and a reader has to know which."""
    path = folder(tmp_path / "net", **ONE | {"snapshots": "snapshot\nt1\nt2\n"}, generators=PLANT)
    assert "snapshots: t1 to t2 are no times; the case begins on 2024-01-01" in notes(path)


@pytest.mark.parametrize(
    ("name", "cells", "words"),
    [
        ("loads__p_set", {"l": [80, 80, ""]}, "net, loads-p_set row 4, l: is empty at the snapshot 2013-01-01 02:00:00."),
        ("generators__p_max_pu", {"g": ["", 1, ""]}, "net, generators-p_max_pu row 2, g: is empty at the snapshot 2013-01-01 00:00:00; 2 of 3 cells are empty."),
        ("generators__marginal_cost", {"g": [1, "inf", 1]}, "net, generators-marginal_cost row 3, g: is infinite at the snapshot 2013-01-01 01:00:00."),
    ],
)  # fmt: skip
def test_an_empty_cell_of_a_series(
    name: str, cells: dict[str, list[object]], words: str, tmp_path: Path
) -> None:
    """An hour without a number was an hour without a load, or one of full wind."""
    files = ONE | {"snapshots": hours(3), "generators": PLANT, name: series(**cells)}
    _, problems = io.check(folder(tmp_path / "net", **files))
    assert words in str(problems[0])


BATTERY = "name,bus,p_nom,max_hours\nbat,b,5,1\n"


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        # the battery moves 5 MWh of the free hour into the other, each of which counts 100 times
        ("objective,generators,stores;100,100,1", 5 * 10 * 100),
        # what lasts half an hour moves the battery by half as much
        ("objective,generators,stores;100,100,0.5", 5 * 10 * 100),
        # hours of a number that no clock knows: 5 MWh in 1.7 h
        ("objective,generators,stores;26.07,26.07,1.7", (10 - 5 / 1.7) * 10 * 26.07),
    ],
)
def test_weights_that_differ(weights: str, expected: float, tmp_path: Path) -> None:
    """The weight of costs counted for the battery too."""
    files = {
        "generators": "name,bus,p_nom,marginal_cost\nfree,b,20,0\ndear,b,20,10\n",
        "loads": "name,bus,p_set\nl,b,10\n",
    }
    wind = {
        "generators__p_max_pu": series(free=[1, 0]),
        "snapshots": hours(2, weights),
        "storage_units": BATTERY,
    }
    case = io.read(folder(tmp_path / "net", **ONE | files | wind))
    assert cost(case) == pytest.approx(expected)
    kept = io.read(csv_folder.write(case, tmp_path / "case"))
    assert kept.fingerprint == case.fingerprint
    assert cost(kept) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("generators", "expected"),
    [
        ("coal,b,1000,0.3,True,20,0\ngas,b,1000,0,True,70,0\n", 50 * 70),
        ("coal,b,100,0.3,True,20,0\ngas,b,1000,0.5,True,10,0\n", 50 * 20),
        ("coal,b,40,0.5,True,20,0\ngas,b,1000,0.04,True,10,0\n", 50 * 10),
        # what it costs to run is more than it saves
        ("coal,b,100,0.3,True,20,2000\ngas,b,1000,0,False,50,0\n", 50 * 50),
    ],
)
def test_what_may_stop_need_not_run(generators: str, expected: float, tmp_path: Path) -> None:
    """A plant that may be off was made to run; then it ran below its least, and the cost was a lower bound."""
    head = "name,bus,p_nom,p_min_pu,committable,marginal_cost,stand_by_cost\n"
    path = folder(tmp_path / "net", **ONE, generators=head + generators)
    assert cost(io.read(path)) == pytest.approx(expected)
    assert notes(path) == []


SOLVED = "name,bus,p_nom,p_nom_extendable,p_nom_opt,marginal_cost\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"generators": SOLVED + "old,b,100,True,0,1\nnew,b,0,True,80,20\n"}, 50 * 20),
        # an objective alone says that it is solved: nothing is built, nothing is served
        (
            {
                "generators": SOLVED + "old,b,100,True,0,1\nback,b,60,False,60,30\n",
                "network": "name,objective\nx,1500\n",
            },
            50 * 30,
        ),
        # nothing says so: capacities stand as given
        ({"generators": SOLVED.replace(",p_nom_opt", "") + "old,b,100,True,1\n"}, 50 * 1),
    ],
)
def test_a_solved_network_stands_as_it_was_solved(files: Files, expected: float, tmp_path: Path) -> None:
    """A plant that the optimum left out was there with its old capacity."""
    assert cost(io.read(folder(tmp_path / "net", **ONE | files))) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("step", "weight", "count"), [("30min", 0.5, 48), ("15min", 0.25, 96), ("5min", 1 / 12, 288)]
)
def test_steps_below_an_hour(step: str, weight: float, count: int, tmp_path: Path) -> None:
    """What balancing markets publish was refused."""
    files = {
        "snapshots": hours(count, f"objective,stores,generators;{weight},{weight},{weight}", step),
        "generators": PLANT,
    }
    case = io.read(folder(tmp_path / "net", **ONE | files))
    assert case.horizon.count == count
    assert cost(case) == pytest.approx(50 * 24 * 10)


DAM = (
    "name,bus,p_nom,max_hours,inflow,state_of_charge_initial,p_min_pu,efficiency_store,efficiency_dispatch\n"
)


@pytest.mark.parametrize(
    ("dam", "kept"),
    [
        ("dam,b,30,100,20,0,0,0,0.9\n", 2 * 20 * 0.9),
        ("dam,b,30,100,20,10,0,1,0.9\n", 50 * 0.9),
        ("dam,b,10,100,20,0,-1,0,1\n", 2 * 10),
    ],
)
def test_a_dam_that_nothing_fills_but_its_river(dam: str, kept: float, tmp_path: Path) -> None:
    """Reservoirs of PyPSA-Eur have an efficiency of storing of 0, and were refused."""
    files = {"snapshots": hours(2), "generators": PLANT, "storage_units": DAM + dam}
    case = io.read(folder(tmp_path / "net", **ONE | files))
    assert cost(case) == pytest.approx((100 - kept) * 10)
    assert case.table("storages")["injection"].tolist() == [0.0]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"generators": "name,bus,p_nom,marginal_cost\ng,b,30,10\nshed,b,inf,3000\n"},
            2 * (30 * 10 + 20 * 3000),
        ),
        # 50 MW at 80 % from what a store of any size holds at first, then from the well
        (
            {
                "buses": "name,carrier,country\nb,AC,KZ\nf,fuel,KZ\n",
                "generators": "name,bus,p_nom,marginal_cost\nwell,f,inf,10\n",
                "links": "name,bus0,bus1,p_nom,efficiency\nplant,f,b,inf,0.8\n",
                "stores": "name,bus,e_nom,e_initial\ntank,f,inf,25\n",
            },
            (2 * 50 / 0.8 - 25) * 10,
        ),
        (
            {
                "buses": "name,carrier,country\na,AC,KZ\nb,AC,KZ\n",
                "generators": "name,bus,p_nom,marginal_cost\ng,a,200,10\n",
                "lines": "name,bus0,bus1,s_nom,x\nw,a,b,inf,0.1\n",
                "links": "name,bus0,bus1,p_nom,p_min_pu\nk,a,b,inf,-1\n",
            },
            2 * 50 * 10,
        ),
    ],
    ids=["plant", "store and link", "line both ways"],
)
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_capacities_without_a_limit(files: Files, expected: float, tmp_path: Path) -> None:
    """What has no limit was an empty cell, and numpy's words stood on the terminal."""
    path = folder(tmp_path / "net", **ONE | {"snapshots": hours(2)} | files)
    assert cost(io.read(path)) == pytest.approx(expected)
    assert any("no limit of capacity" in note for note in notes(path))


def test_notes_of_one_kind_are_one_line(tmp_path: Path) -> None:
    """Thousands of lines of one kind hide the one that matters."""
    plants = "".join(f"g{at},b,9,1\n" for at in range(1200))
    path = folder(tmp_path / "net", **ONE, generators="name,bus,p_nom,marginal_cost_quadratic\n" + plants)
    found = [note for note in notes(path) if "quadratic" in note]
    assert len(found) == 1
    assert found[0].startswith("generators g0, g1, g2 and 1,197 more: costs that grow")


def test_a_series_of_what_is_not_there_is_said(tmp_path: Path) -> None:
    """A load whose series has another name is served as if it had none."""
    path = folder(tmp_path / "net", **ONE, generators=PLANT, loads__p_set=series(L=[70]))
    assert "loads L: a series (p_set) of what is not there" in notes(path)
