"""PyPSA networks: three forms, what is carried each way, and what is said of the rest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
import xarray
import xlsxwriter

from kelisim import io
from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import ExtraMissing, UserError
from kelisim.io import csv_folder, excel, pypsa
from kelisim.io.pypsa import network as _pypsa_network
from tests.cases.make import AB, make
from tests.cases.random_case import random_case
from tests.conftest import Command

BUSES = "name,carrier,x,y,country\nNorth,AC,70,50,KZ\nSouth,AC,69,42,KZ\n"
CARRIED = 1, 6, 15  # seeds whose networks come back without a loss

SNAPSHOTS = "snapshot,objective,stores,generators\n" + "".join(
    f"2024-01-01 {hour:02d}:00:00,1,1,1\n" for hour in range(3)
)


def folder(home: Path, **files: str) -> Path:
    """A PyPSA folder of two buses and three hours; files by component, `generators__p_max_pu` for a series."""
    home.mkdir(exist_ok=True)
    given = {"buses": BUSES, "snapshots": SNAPSHOTS, "network": "name\nhand made\n"} | files
    for name, text in given.items():
        (home / f"{name.replace('__', '-')}.csv").write_text(text, encoding="utf-8")
    return home


def cost(case: Case) -> float:
    answer = Engine(case, cache=False).base
    assert answer.status == "optimal"
    return float(answer.objective)


def notes(path: Path) -> list[str]:
    return [line for line in io.left_out(path) if not line.startswith("loads:")]


# ---- forms
def test_folder_workbook_and_netcdf_hold_the_same(tmp_path: Path) -> None:
    """Whoever gets the network in another form must get the same one."""
    case = random_case(3)
    found = [
        _pypsa_network.load(pypsa.write(case, tmp_path / f"one{ending}")) for ending in ("", ".xlsx", ".nc")
    ]
    first = found[0]
    for other in found[1:]:
        assert other.static.keys() == first.static.keys()
        assert other.series.keys() == first.series.keys()
        for key, frame in first.series.items():
            pd.testing.assert_frame_equal(
                other.series[key][list(frame)], frame, rtol=1e-15, check_names=False
            )
        for component, frame in first.static.items():
            assert list(other.static[component].index) == list(frame.index)
        assert cost(io.read(tmp_path / "one.nc")) == pytest.approx(cost(io.read(tmp_path / "one")), rel=1e-12)


def test_the_format_is_found_by_what_is_there(tmp_path: Path, case: Case) -> None:
    """A folder or a workbook is a network or a case, and nobody should have to say which."""
    assert io.format_of(pypsa.write(case, tmp_path / "network")) is pypsa
    assert io.format_of(pypsa.write(case, tmp_path / "network.xlsx")) is pypsa
    assert io.format_of(csv_folder.write(case, tmp_path / "case")) is csv_folder
    assert io.format_of(excel.write(case, tmp_path / "case.xlsx")) is excel
    assert io.format_of(tmp_path / "new") is csv_folder
    assert io.format_of(tmp_path / "new.nc") is pypsa
    assert io.format_of(tmp_path / "new", "pypsa") is pypsa
    with pytest.raises(UserError, match='"pypsaa" is not a format'):
        io.format_of(tmp_path / "new", "pypsaa")


def test_old_tables_do_not_stay(tmp_path: Path) -> None:
    """A series of the network before would change the one that is written over it."""
    path = pypsa.write(random_case(3), tmp_path / "network")
    case = make(places=AB, demand="place, carrier, customer_class, amount\na, electricity, industry, 0")
    pypsa.write(case, path)
    assert sorted(file.name for file in path.iterdir()) == [
        "buses.csv", "carriers.csv", "generators.csv", "loads.csv", "network.csv", "snapshots.csv",
    ]  # fmt: skip


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, case: Case) -> None:
    """A network written into a case folder would mix the two."""
    path = csv_folder.write(case, tmp_path / "case")
    with pytest.raises(UserError, match="holds something else than a PyPSA network"):
        pypsa.write(case, path)


def test_netcdf_needs_its_extra(tmp_path: Path, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who installed kelisim alone must be told what to install, and can still use folders and workbooks."""
    monkeypatch.setattr(_pypsa_network, "import_module", _missing)
    with pytest.raises(ExtraMissing, match=r"kelisim\[pypsa\]"):
        pypsa.write(case, tmp_path / "network.nc")
    assert io.read(pypsa.write(case, tmp_path / "network")).table("links")["link"].tolist() == [
        "pipe",
        "spare",
    ]


def _missing(name: str) -> None:
    raise ImportError(name)


# ---- there and back
@pytest.mark.parametrize("seed", CARRIED)
def test_there_and_back_costs_the_same(seed: int, tmp_path: Path) -> None:
    """What is written must mean the same when it is read: units, losses, limits, delays, storages."""
    case = random_case(seed)
    path = pypsa.write(case, tmp_path / "network")
    assert notes(path) == []
    assert cost(io.read(path)) == pytest.approx(cost(case), rel=1e-9)


def test_there_and_back_twice_is_the_same(tmp_path: Path) -> None:
    """A second turn through the format changes nothing more."""
    once = io.read(pypsa.write(random_case(6), tmp_path / "one"))
    twice = io.read(pypsa.write(once, tmp_path / "two"))
    assert cost(twice) == pytest.approx(cost(once), rel=1e-9)


# ---- reading
def test_a_small_network_by_hand(tmp_path: Path) -> None:
    """Generators, a load, a lossy link that is paid for: 60 MW for an hour of which the dear one gives what is lacking.

    North: 50 MW at 10 --100 MW, 5 % lost, 1 per MWh--> South: 60 MW needed, 40 MW at 30
    """
    path = folder(
        tmp_path / "net",
        generators="name,bus,p_nom,marginal_cost,carrier\nwind,North,50,10,onwind\noil,South,40,30,oil\n",
        generators__p_max_pu="snapshot,wind\n0,1\n1,0.5\n2,0\n",
        loads="name,bus\ntown,South\n",
        loads__p_set="snapshot,town\n0,60\n1,40\n2,20\n",
        links="name,bus0,bus1,p_nom,efficiency,marginal_cost\nway,North,South,100,0.95,1\n",
    )
    case = io.read(path)
    assert case.name == "hand_made"
    assert case.table("assets")[["asset", "kind", "profile"]].to_numpy().tolist() == [
        ["oil", "supply", ""],
        ["wind", "wind", "wind_available"],
    ]
    assert case.table("links")[["link", "loss", "tariff"]].to_numpy().tolist() == [
        ["way", pytest.approx(0.05), 1.0]
    ]
    first = 50 * 11 + (60 - 47.5) * 30
    second = 25 * 11 + (40 - 23.75) * 30
    assert cost(case) == pytest.approx(first + second + 20 * 30)
    assert notes(path) == []


def test_a_storage_unit_with_a_price_of_giving(tmp_path: Path) -> None:
    """PyPSA's storages are paid when they give; here a storage stands behind a link with that price.

    20 MWh in store give 18 MWh at 2; the rest of 30 MWh comes at 30.
    """
    path = folder(
        tmp_path / "net",
        generators="name,bus,p_nom,marginal_cost\noil,South,40,30\n",
        loads="name,bus,p_set\ntown,South,10\n",
        storage_units="name,bus,p_nom,max_hours,marginal_cost,efficiency_dispatch,state_of_charge_initial\n"
        "dam,South,10,4,2,0.9,20\n",
    )
    assert cost(io.read(path)) == pytest.approx(18 * 2 + 12 * 30)


def test_a_converter_between_places(tmp_path: Path) -> None:
    """A plant whose fuel comes from another bus and whose heat goes to a third: one asset, with a way to each."""
    buses = "name,carrier,location\nfuel,gas,\ntown,AC,Town\ntown heat,heat,Town\n"
    path = folder(
        tmp_path / "net",
        buses=buses,
        generators="name,bus,p_nom,marginal_cost\nwell,fuel,500,10\n",
        links="name,bus0,bus1,bus2,p_nom,efficiency,efficiency2,marginal_cost\nchp,fuel,town,town heat,100,0.4,0.5,1\n",
        loads="name,bus,p_set\nlamps,town,20\nrooms,town heat,25\n",
    )
    case = io.read(path)
    ports = case.table("asset_ports").set_index(["asset", "carrier"])["ratio"]
    assert ports["chp"].to_dict() == {"natural_gas": -1.0, "electricity": 0.4, "heat": 0.5}
    assert cost(case) == pytest.approx(3 * 50 * 11)


def test_a_carbon_cap(tmp_path: Path) -> None:
    """Of two plants the cheap one emits 0.5 t/MWh: 60 MWh are needed, and 10 t allow 20 of them."""
    path = folder(
        tmp_path / "net",
        carriers="name,co2_emissions\ncoal,0.2\nsun,0\n",
        generators="name,bus,p_nom,marginal_cost,carrier,efficiency\ncheap,South,40,10,coal,0.4\ndear,South,40,30,sun,1\n",
        loads="name,bus,p_set\ntown,South,20\n",
        global_constraints="name,type,carrier_attribute,sense,constant\ncap,primary_energy,co2_emissions,<=,10\n",
    )
    assert cost(io.read(path)) == pytest.approx(20 * 10 + 40 * 30)
    assert notes(path) == []


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"generators": "name,bus,p_nom,committable,p_set\nunit,South,40,True,20\n"}, "generators unit: starts and stops (committable) beside a fixed output (p_set): any output from 0 on may be run, without cost of starting or stopping: a lower bound"),
        ({"generators": "name,bus,p_nom,marginal_cost_quadratic\nunit,South,40,5\n"}, "generators unit: costs that grow with the square (marginal_cost_quadratic)"),
        ({"generators": "name,bus,p_nom,p_nom_extendable\nunit,South,40,True\n"}, "generators unit: capacity that could be extended, and its cost; it stands as given"),
        ({"generators": "name,bus,p_nom,active\nunit,South,40,True\nold,South,9,False\n"}, "generators old: not active"),
        ({"stores": "name,bus,e_nom,marginal_cost_storage\ntank,South,40,1\n"}, "stores tank: a price of keeping (marginal_cost_storage)"),
        ({"lines": "name,bus0,bus1,s_nom,x\nl,North,South,40,0\n"}, "lines l: no reactance: Kirchhoff's voltage law does not hold it"),
        ({"lines": "name,bus0,bus1,s_nom,type,x\nl,North,South,40,Al/St 240,0.1\n"}, "lines l: its type Al/St 240, which nobody knows"),
        ({"transformers": "name,bus0,bus1,type\nt,North,South,25 MVA 110/20 kV\n"}, "transformers t: a shift of phase (phase_shift of its type)"),
        ({"global_constraints": "name,type,sense,constant\ngrow,tech_capacity_expansion_limit,<=,5\n"}, "global_constraints grow: a limit of what is built; capacities stand as they are"),
        ({"shunt_impedances": "name,bus,b\ns,South,1\n"}, "shunt_impedances s: reactive power"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_a_case_cannot_hold_is_said(files: dict[str, str], words: str, tmp_path: Path) -> None:
    """Silence would make an answer to another question look like this one's."""
    supply = {"generators": "name,bus,p_nom\nunit,South,40\n", "loads": "name,bus,p_set\ntown,South,20\n"}
    assert words in notes(folder(tmp_path / "net", **(supply | files)))


# ---- what PyPSA lets nobody do, found by brute force: each cost is PyPSA's own, and stands beside its reckoning
TRIANGLE = {
    "buses": "name,v_nom,country\na,380,KZ\nb,380,KZ\nc,380,KZ\n",
    "snapshots": "snapshot,objective\n2024-01-01,1\n",
    "generators": "name,bus,p_nom,marginal_cost\ncheap,a,200,1\ndear,c,200,100\n",
    "lines": "name,bus0,bus1,x,s_nom\nab,a,b,10,100\nbc,b,c,10,20\nac,a,c,10,200\n",
    "loads": "name,bus,p_set\nl,c,90\n",
}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        # a third of what a sends goes by b, where 20 MW can pass on and none can be let go: 60 from a
        ({}, 60 * 1 + 30 * 100),
        # who is paid to make may make no more than is taken
        ({"generators": "name,bus,p_nom,marginal_cost\npaid,c,200,-5\n"}, 90 * -5),
        # at d and e nobody takes anything: what stands there stands still, paid or not
        (
            {
                "buses": TRIANGLE["buses"] + "d,380,KZ\ne,380,KZ\n",
                "generators": TRIANGLE["generators"] + "paid,d,50,-5\n",
                "links": "name,bus0,bus1,p_nom,marginal_cost\nde,d,e,40,-1\nbe,b,e,40,-1\n",
            },
            60 * 1 + 30 * 100,
        ),
    ],
    ids=["a line to relieve", "a price below zero", "a dead end"],
)  # fmt: skip
def test_nothing_is_let_go(files: dict[str, str], expected: float, tmp_path: Path) -> None:
    """Power let go where PyPSA lets none go makes a network cheaper than it is, and nobody would know."""
    assert cost(io.read(folder(tmp_path / "net", **(TRIANGLE | files)))) == pytest.approx(expected)


HOURS = {
    "buses": "name,country\nb,KZ\n",
    "snapshots": "snapshot,objective\n" + "".join(f"2024-01-01 0{hour}:00:00,1\n" for hour in range(4)),
    "loads": "name,bus\nl,b\n",
    "loads__p_set": "snapshot,l\n0,10\n1,90\n2,10\n3,90\n",
}
BACK_UP = "back,b,200,100,,,,1\n"
UNITS = "name,bus,p_nom,marginal_cost,p_min_pu,ramp_limit_up,ramp_limit_down,sign\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        # 30 MW more an hour: 10, 40, 10, 40 of it
        (
            {"generators": f"{UNITS}g,b,100,,0,0.3,0.3,1\n{BACK_UP}", "generators__marginal_cost": "snapshot,g\n0,5\n1,6\n2,5\n3,6\n"},
            2 * 10 * 5 + 2 * 40 * 6 + 2 * 50 * 100,
        ),
        # 10 MW must run, and it is dearer than the other
        (
            {"generators": f"{UNITS}g,b,100,,0.1,,,1\n{BACK_UP}", "generators__marginal_cost": "snapshot,g\n0,150\n1,160\n2,150\n3,160\n"},
            2 * 10 * 150 + 2 * 10 * 160 + 2 * 80 * 100,
        ),
        # prices whose mean is nothing, and a ramp: 10, 40, 10, 40 again
        (
            {"generators": f"{UNITS}g,b,100,,0,0.3,0.3,1\n{BACK_UP}", "generators__marginal_cost": "snapshot,g\n0,0.1\n1,-0.3\n2,0.2\n3,0\n"},
            10 * 0.1 - 40 * 0.3 + 10 * 0.2 + 2 * 50 * 100,
        ),
        # one that takes: at least 5 MW of 50, paid 120 and 80 in turn, where the other asks 100
        (
            {"generators": f"{UNITS}g,b,50,,0.1,,,-1\n{BACK_UP}", "generators__marginal_cost": "snapshot,g\n0,-120\n1,-80\n2,-120\n3,-80\n"},
            200 * 100 + 2 * 50 * (100 - 120) + 2 * 5 * (100 - 80),
        ),
    ],
    ids=["ramp", "least", "mean of nothing", "takes"],
)  # fmt: skip
def test_a_generator_keeps_its_limits_whatever_its_price(
    files: dict[str, str], expected: float, tmp_path: Path
) -> None:
    """Ramps and the least output of a generator were lost where its price changed, and the notes did not say so."""
    path = folder(tmp_path / "net", **(HOURS | files))
    assert cost(io.read(path)) == pytest.approx(expected)
    assert notes(path) == []


BUNDLE = "Al/St 240/40 4-bundle 380.0"  # 0.246 ohm/km
TYPED = {
    "lines": f"name,bus0,bus1,type,length,num_parallel,s_nom\nab,a,b,{BUNDLE},100,1,200\n"
    f"bc,b,c,{BUNDLE},50,1,20\nac,a,c,{BUNDLE},100,2,200\n"
}
OWN = {
    "lines": TYPED["lines"].replace(BUNDLE, "mine"),
    "line_types": "name,f_nom,r_per_length,x_per_length\nmine,50,0.01,0.5\n",
}
# 100 MVA: 12 % of which 0.26 resist; 160 MVA: 12.2 % of which 0.25
ONE, OTHER = (np.sqrt(12.0**2 - 0.26**2) / 100, np.sqrt(12.2**2 - 0.25**2) / 160 * (1 + 2 * 0.015))
TRANSFORMED = {
    "buses": "name,v_nom,country\na,380,KZ\nc,110,KZ\n",
    "lines": "name,bus0,bus1,x,s_nom\n",
    "transformers": "name,bus0,bus1,type,tap_position,num_parallel,s_nom\n"
    "one,a,c,100 MVA 220/110 kV,0,1,5000\nother,a,c,160 MVA 380/110 kV,2,1,40\n",
    "generators": "name,bus,p_nom,marginal_cost\ncheap,a,400,1\ndear,c,200,100\n",
    "loads": "name,bus,p_set\nl,c,300\n",
}


@pytest.mark.parametrize(
    ("files", "most"),
    [
        (TYPED, 20 * (100 + 50 + 50) / 50),
        (OWN, 20 * (100 + 50 + 50) / 50),
        (TRANSFORMED, min(100 * (1 + ONE / OTHER), 160 * (1 + OTHER / ONE))),
    ],
    ids=["lines", "types of the network", "transformers"],
)
def test_standard_types_are_looked_up(files: dict[str, str], most: float, tmp_path: Path) -> None:
    """A grid of standard types was run as pipes: the German one cost a third less than PyPSA says."""
    path = folder(tmp_path / "net", **(TRIANGLE | files))
    load = float(files.get("loads", TRIANGLE["loads"]).rpartition(",")[2])
    assert cost(io.read(path)) == pytest.approx(most * 1 + (load - most) * 100)
    assert notes(path) == []


# as PyPSA exports them: in a file under two rows of names, in a sheet one row for each breakpoint and attribute
PIECES = {
    "": [["name", "unit", "unit"], ["attribute", "p_pu", "marginal_cost"], ["breakpoint"], [0, 0, 1], [1, 1, 4]],
    ".xlsx": [["breakpoint", "attribute", "unit"], [0, "p_pu", 0], [0, "marginal_cost", 1], [1, "p_pu", 1], [1, "marginal_cost", 4]],
}  # fmt: skip


@pytest.mark.parametrize("ending", ["", ".xlsx", ".nc"])
def test_costs_in_pieces_are_said(ending: str, tmp_path: Path) -> None:
    """A plant that gets dearer with its load would be run at one price, and nobody would know."""
    name = "generators-marginal_cost-pw"
    if ending == ".nc":
        index = {"generators_i": ["unit"], "buses_i": ["South"], "generators_pw_marginal_cost_i": ["unit"]}
        variables = {
            "buses_carrier": ("buses_i", ["AC"]),
            "generators_bus": ("generators_i", ["South"]),
            "generators_p_nom": ("generators_i", [40.0]),
            "generators_pw_marginal_cost": (
                ("breakpoint", "generators_pw_marginal_cost_i", "generators_pw_marginal_cost_attr_i"),
                [[[0.0, 1.0]], [[1.0, 4.0]]],
            ),
        }
        xarray.Dataset(variables, index).to_netcdf(tmp_path / "net.nc", engine="netcdf4")
    elif ending == ".xlsx":
        tables = {
            "buses": [["name", "carrier"], ["South", "AC"]],
            "generators": [["name", "bus", "p_nom"], ["unit", "South", 40]],
        }
        with xlsxwriter.Workbook(tmp_path / "net.xlsx") as book:
            for sheet, rows in {**tables, name: PIECES[ending]}.items():
                page = book.add_worksheet(sheet)
                for at, row in enumerate(rows):
                    page.write_row(at, 0, row)
    else:
        text = "\n".join(",".join(map(str, row)) for row in PIECES[ending])
        folder(tmp_path / "net", generators="name,bus,p_nom\nunit,South,40\n", **{name: text})
    said = "generators unit: marginal_cost in pieces; the value beside them stands"
    assert said in notes(tmp_path / f"net{ending}")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (
            {"loads": "name,bus,p_set\ntown,Suoth,20\n"},
            'bus of "town": no bus "Suoth". Did you mean "South"?',
        ),
        ({"loads": "name,bus,p_set\ntown,South,much\n"}, 'p_set of "town": "much" is not a number'),
        ({"loads__p_set": "snapshot,town\n0,60\n"}, "loads-p_set has 1 rows, and there are 3 snapshots"),
        (
            {"snapshots": "snapshot,objective\n2024-01-01 00:00:30,0.5\n2024-01-02,0.3\n"},
            "weights that are no steps of time",
        ),
        ({"snapshots": "period,timestep,objective\n2030,2024-01-01,1\n"}, "several investment periods"),
        ({"buses": "name,carrier\nSouth,AC\nSouth,AC\n"}, "a name stands twice"),
        ({"scenarios": "scenario,weight\nhigh,0.5\n"}, "has scenarios"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_broken_network_is_refused(files: dict[str, str], words: str, tmp_path: Path) -> None:
    """A row that is skipped is an answer that is wrong."""
    given = {"loads": "name,bus,p_set\ntown,South,20\n"} | files
    with pytest.raises(UserError) as caught:
        io.read(folder(tmp_path / "net", **given))
    assert words in str(caught.value)


def in_netcdf(path: Path, wrong: str, value: tuple[tuple[str, ...], object]) -> Path:
    """A network of one load with one array that is not as PyPSA has it; arrays over nothing else are left as they are."""
    index = {"snapshots": [0, 1], "loads_i": ["town"], "loads_t_p_set_i": ["town"], "buses_i": ["South"]}
    variables = {
        "buses_carrier": (("buses_i",), ["AC"]),
        "loads_bus": (("loads_i",), ["South"]),
        "loads_p_set": (("loads_i",), [20.0]),
        "loads_t_p_set": (("snapshots", "loads_t_p_set_i"), [[20.0], [30.0]]),
        "snapshots_objective": (("snapshots",), [1.0, 1.0]),
        wrong: value,
    }
    xarray.Dataset(variables, index).to_netcdf(path, engine="netcdf4")
    return path


@pytest.mark.parametrize(
    ("array", "value", "words"),
    [
        ("loads_t_p_set", (("snapshots",), [20.0, 30.0]), "loads_t_p_set is over snapshots, not over snapshots, loads_t_p_set_i"),
        ("loads_t_p_set", (("snapshots", "columns"), [[20.0], [30.0]]), "loads_t_p_set is over snapshots, columns, not over"),
        ("loads_p_set", ((), 20.0), "loads_p_set is over nothing, not over loads_i"),
        ("loads_bus", (("loads_i", "more"), [["South"]]), "loads_bus is over loads_i, more, not over loads_i"),
        ("stores_e_nom", (("stores_i",), [5.0]), "stores_e_nom has no names stores_i"),
    ],
)  # fmt: skip
def test_an_array_over_something_else_is_named(
    array: str, value: tuple[tuple[str, ...], object], words: str, tmp_path: Path
) -> None:
    """A netCDF file that another program changed was found by brute force: a traceback, or a series that counts for nobody."""
    sound, _ = io.check(in_netcdf(tmp_path / "sound.nc", "loads_sign", (("loads_i",), [-1.0])))
    assert sound.table("demand")["amount"].sum() > 0
    with pytest.raises(UserError) as caught:
        io.read(in_netcdf(tmp_path / "net.nc", array, value))
    assert f'net.nc" is not a sound PyPSA network: {words}' in str(caught.value)


def test_a_cell_without_its_value_is_refused(tmp_path: Path) -> None:
    """PyPSA's default would stand silently for a number whose formula failed or was never computed."""
    path = pypsa.write(random_case(3), tmp_path / "net.xlsx")
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("buses")
        sheet.write_row(0, 0, ["name", "x"])
        sheet.write_string(1, 0, "South")
        sheet.write_formula(1, 1, "=60+9")
    with pytest.raises(UserError) as caught:
        io.read(path)
    assert str(caught.value) == (
        f'"{path}" sheet buses, row 2, column 2: holds a formula that was never computed.'
    )


# ---- time
@pytest.mark.parametrize(
    ("stamps", "weights", "hours", "step"),
    [
        (pd.date_range("2024-03-01", periods=30, freq="h"), [1] * 30, [1] * 30, "1h"),
        (pd.date_range("2024-03-01", periods=9, freq="D"), [24] * 9, [24] * 9, "1d"),
        (pd.date_range("2024-02-01", periods=3, freq="MS"), [696, 744, 720], [696, 744, 720], "1mo"),
        (pd.date_range("2024-03-01", periods=12, freq="3h"), [3] * 12, [3] * 12, "1d"),
        (pd.date_range("2024-03-01", periods=4, freq="h"), [6] * 4, [6] * 4, "1d"),
        (pd.date_range("2024-03-01", periods=2, freq="D"), [5, 2], [5, 2], "listed"),
        (["now"], [1], [1], "1h"),
        (pd.date_range("2024-03-01 22:00", periods=9, freq="15min"), [0.25] * 9, [0.25] * 9, "listed"),
        (pd.date_range("2024-03-01", periods=50, freq="30min"), [0.5] * 50, [0.5] * 50, "30min"),
    ],
    ids=["hours", "days", "months", "blocks", "weights", "uneven", "now", "quarters", "halves"],
)
def test_snapshots_become_steps(
    stamps: list[object], weights: list[int], hours: list[int], step: str, tmp_path: Path
) -> None:
    """Costs and storages count hours; a load of so many MW must stay that, whatever the length of the steps."""
    rows = [f"{stamp},{weight}" for stamp, weight in zip(stamps, weights, strict=True)]
    power = [10.0 + at for at in range(len(weights))]
    path = folder(
        tmp_path / "net",
        snapshots="\n".join(["snapshot,objective", *rows]),
        generators="name,bus,p_nom,marginal_cost\nunit,South,100,2\n",
        loads="name,bus\ntown,South\n",
        loads__p_set="\n".join(["snapshot,town", *(f"{at},{value}" for at, value in enumerate(power))]),
    )
    case = io.read(path)
    assert case.horizon.step == step
    np.testing.assert_allclose(case.horizon.hours, hours)
    assert cost(case) == pytest.approx(2 * float(np.dot(power, weights)))
    kept = io.read(csv_folder.write(case, tmp_path / "case"))
    assert kept.fingerprint == case.fingerprint


REPRESENTED = {
    "snapshots": "snapshot,objective,stores,generators\n2024-01-15,300,1,300\n2024-01-15 01:00,300,1,300\n2024-07-15,100,2,100\n",
    "buses": "name,carrier,country\nfuel,gas,KZ\ntown,AC,KZ\nair,co2,KZ\n",
    "generators": "name,bus,p_nom,marginal_cost\nwell,fuel,500,10\nsun,town,100,70\n",
    "loads": "name,bus,p_set\nlamps,town,20\n",
    "stores": "name,bus,e_nom,e_initial\nallowance,air,40,40\n",
}


@pytest.mark.parametrize(
    ("draws", "plant"),
    [
        # a store moves by the hours that a snapshot lasts: 0.5 x 20 MW in each of four hours, and nothing is short
        ("0,-0.5\n1,-0.5\n2,-0.5\n", 20 * 700),
        # twice as much: of 80 MWh 40, in the hours that count most
        ("0,-1\n1,-1\n2,-1\n", 20 * 600),
        # each MWh counts as often as its snapshot: 12,000 x 0.004 in the first two, 2,000 in the last, of which 40 allow 10,000
        ("0,-1.2\n1,-1.2\n2,-0.2\n", 10_000),
    ],
    ids=["enough", "by the hours", "by the weight"],
)  # fmt: skip
def test_a_store_of_allowances_in_representative_days(draws: str, plant: float, tmp_path: Path) -> None:
    """A limit of the year counts hours of weight here and hours of length in PyPSA's store; each is kept as it is."""
    links = "name,bus0,bus1,bus2,p_nom,efficiency\nplant,fuel,town,air,100,1\n"
    path = folder(tmp_path / "net", **REPRESENTED, links=links, links__efficiency2=f"snapshot,plant\n{draws}")
    case = io.read(path)
    np.testing.assert_allclose(case.horizon.hours, [300, 300, 100])
    assert cost(case) == pytest.approx(plant * 10 + (20 * 700 - plant) * 70)


# ---- the command
def test_convert_says_what_it_leaves_out(cli: Command, process: Command, tmp_path: Path) -> None:
    """Who converts learns on the way what the other program will not see."""
    case = make(
        places=AB,
        storages=CURVED,
        demand="place, carrier, customer_class, amount\na, natural_gas, industry, 5",
    )
    settings = {**case.settings, "rules": {"place": "own_first"}}
    csv_folder.write(replace(case, settings=MappingProxyType(settings)), tmp_path / "case")
    done = process("convert", "case", "out", "--to", "pypsa")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "tiny written to out\n"
    assert done.stderr.splitlines()[:3] == [
        "out does not carry:",
        "  storages s: the withdrawal curve; it may empty at its full rate",
        "  rules: who goes short first (own_first) and when (none); PyPSA cuts at least cost",
    ]
    done = cli("convert", "out", "back")
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(
        "out holds more than the case:\n  loads: PyPSA serves all or has no answer;"
    )
    assert (tmp_path / "back" / "case.toml").exists()
    assert "Known: csv_folder" in cli("convert", "out", "again", "--to", "csv").stderr


CURVED = """
    storage, place, carrier,     working_capacity, withdrawal, withdrawal_curve, inflow
    s,       a,     natural_gas, 100,              10,         0:0.5;1:1,        1
"""
