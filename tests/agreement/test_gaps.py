"""Faults seeded in drafts, three and more of each kind, written as people write them: each is found and named, and nothing else."""

from __future__ import annotations

from functools import cache

import pytest

from kelisim.agreement.aid import spare_of
from kelisim.agreement.carried import Package
from kelisim.agreement.drafts import with_draft
from kelisim.agreement.gaps.conflict import conflicts
from kelisim.agreement.gaps.duties import (
    before_finish,
    ends_after_start,
    outlives,
    without_body,
    without_counterpart,
)
from kelisim.agreement.gaps.gap import Gap
from kelisim.agreement.gaps.season import above_season
from kelisim.agreement.gaps.security import aid_without_giver
from kelisim.agreement.provision import provisions_of
from kelisim.case.case import Case
from kelisim.engine import Engine
from tests.cases.reference import reference
from tests.cases.treaty import treaty

HEAD = "provision,text,obligor,beneficiary,body,kind,carrier,from,to,acts_on,value,unit,season,start,end,project\n"
IGC, SEM = "Россия,Казахстан,body_igc_energy", "KZ,RU,body_igc"
BODY = f"""
coal,Kazakhstan shall deliver coal by rail,KZ,RU,,supply,coal,KZ,RU,,3,Mt/year,,,,
газ,Россия обязуется поставлять газ,Россия,Казахстан,-,,газ,,Костанайская область,,5,млн м3/сут,,,,
қор,Қазақстан электр энергиясын жеткізуге міндеттенеді,KZ,RU,Жоқ комиссия,,power,,,,100,MW,,,,
fine,Russia shall deliver bitumen,{IGC},supply,bitumen,RU,KZ,,30,kt/year,,,,
plan,publish the schedule of flows each month,KZ KEGOC,RU,,,,,,,,,,,,
soft,the sides examine more coal,RU;KZ,RU;KZ,,,,,,,,,,,,
"""
SEASON = f"""
winter,Russia shall deliver gas to Kostanay,{IGC},supply,natural_gas,,,links:gas_kartaly_rudny:capacity,12,million m3/day,winter,,,
нефть,транзит нефти в Китай,{IGC},transit,нефть,Омская область,Алашанькоу — Достык,,30,млн т/год,,,,
south,power for the south,Uzbekistan,Kazakhstan,body_igc,supply,electricity,UZ,kz_shymkent,links:power_uz_shymkent:capacity,300,МВт,December-February,,,
quarter,power for Aktobe,{IGC},supply,electricity,ru_orenburg,kz_aktobe,,"6 000",GWh,январь–март,,,
sides,Узбекистан поставит газ,Узбекистан,Казахстан,body_igc,supply,,,,,200,млрд м3/год,,,,
limit,Russian power for the north,{IGC},supply,electricity,RU,KZ,resources:group_russia_to_kazakhstan:amount,2500,MW,winter,,,
fine,Russia shall deliver gas to Kostanay region,{IGC},supply,natural_gas,RU,kz_kostanay,,5,million m3/day,summer,,,
"""
CONFLICT = f"""
year,deliver gas to Kostanay,{IGC},supply,natural_gas,RU,kz_kostanay,,"1,2",bcm/year,,2026-01-01,31.12.2030,
day,поставлять газ в Костанай,Россия,KZ,body_igc,supply,газ,Россия,Костанайская область,,5,млн м3/сут,,01.01.2027,2030,
ceiling,transit to China up to 10 Mt,{SEM},transit,crude,,,links:crude_omsk_priirt:capacity,10,Mt/year,,,,
more,transit of 12.5 Mt to China,{SEM},transit,crude,,,links:crude_omsk_priirt:capacity,1.04,Mt/month,,,,
first,the Ishim line is to be built,{SEM},capacity,natural_gas,,,links:gas_ishim_petropavl:capacity,10,bcm/year,,,2031-01-01,
second,build the line from Ishim,{SEM},capacity,natural_gas,,,links:gas_ishim_petropavl:capacity,10,bcm/y,,,2033-01-01,
free,no export duty on oil products is levied,RU,KZ,body_igc,regulation,,,,,0,USD/t,,,,
levied,an export duty on oil products of 30 USD/t is levied,RU,KZ,body_igc,regulation,,,,,30,USD/t,,,,
later,power to Omsk,{SEM},supply,electricity,KZ,ru_omsk,,100,MW,,2026,2026-12-31,
then,power to Omsk,{SEM},supply,electricity,KZ,ru_omsk,,150,MW,,2027,2027-12-31,
"""
DATES = f"""
ishim,поставки по газопроводу Ишим,{IGC},supply,газ,RU,kz_akmola,,2,bcm/year,,,31.12.2028,ishim_astana
line,carry gas by the new line,{SEM},transit,natural_gas,,,links:gas_kokshetau_astana:capacity,3,bcm/year,,,2029-06-30,
plant,power of the nuclear plant,{IGC},capacity,electricity,,,assets:power_balkhash_npp:capacity,2400,MW,,,1 January 2033,
имя,поставки газа по газопроводу Ишим — Петропавл — Астана,{IGC},supply,,,,,,,,,2028-06-30,
back,deliver diesel,{IGC},supply,diesel,RU,KZ,,100,kt/year,,2028-01-01,2026-01-01,
fine,the line is to be built,{SEM},capacity,natural_gas,,,links:gas_petropavl_kokshetau:capacity,10,bcm/year,,,2031-01-01,ishim_astana
"""
COUNTERPART = f"""
right,Kazakhstan has the right to the transit of crude,,KZ,body_igc,transit,crude,,,,2,Mt/year,,,,
owed,Russia shall give power,RU,,body_igc,supply,electricity,,,,100,MW,,,,
itself,swap of crude,KZ,KZ,body_igc,transit,crude,,,,1,Mt/year,,,,
lies,right to transit of gas through Kazakhstan,RU,UZ,body_igc,transit,natural_gas,,,links:gas_cac_makat_kulsary:capacity,5,bcm/year,,,,
fine,transit of crude,{SEM},transit,crude,,,links:crude_omsk_priirt:capacity,5,Mt/year,,,,
"""


def find(case: Case, rows: str) -> list[Gap]:
    made = with_draft(case, HEAD + rows.strip() + "\n")
    mine = provisions_of(made)
    found = [
        *without_body(made, mine),
        *without_counterpart(made, mine),
        *before_finish(made, mine),
        *ends_after_start(mine),
    ]
    return [*found, *outlives(made, mine), *conflicts(made, mine), *above_season(made, mine)]


@pytest.mark.parametrize(
    ("kind", "rows", "named"),
    [
        ("body", BODY, {"coal", "газ", "қор", "plan"}),
        ("season", SEASON, {"winter", "нефть", "south", "quarter", "limit", "sides"}),
        ("conflict", CONFLICT, {"day year", "ceiling more", "first second", "free levied"}),
        ("dates", DATES, {"ishim", "line", "plant", "back", "имя"}),
        ("counterpart", COUNTERPART, {"right", "owed", "itself", "lies"}),
    ],
)
def test_seeded_faults_are_found_and_named(kind: str, rows: str, named: set[str]) -> None:
    """A gap that is not seen is signed."""
    found = find(reference(), rows)
    assert {" ".join(gap.provisions) for gap in found if gap.kind == kind} == named
    assert not {"fine", "soft"} & {name for gap in found for name in gap.provisions}
    assert all(gap.rows and gap.rows[0].startswith("provisions:") for gap in found)


def test_the_shipped_agreements_raise_no_false_alarm() -> None:
    """What is told of the agreements as they are, row by row: duties without a known body, an end too early, a ceiling above its pipe."""
    case = reference()
    mine = provisions_of(case)
    found = [
        *without_counterpart(case, mine),
        *before_finish(case, mine),
        *ends_after_start(mine),
        *outlives(case, mine),
    ]
    found += [*conflicts(case, mine), *above_season(case, mine)]
    assert [(gap.kind, gap.provisions) for gap in found] == [
        ("dates", ("prv_coal_chp",)),
        ("season", ("prv_transit_uz_2026",)),
    ]
    assert len([*without_body(case, mine)]) == 8


@cache
def engine() -> Engine:
    return Engine(Package(treaty(), provisions_of(treaty())).full, cache=False)


@pytest.mark.parametrize(
    ("row", "is_there"),
    [
        ("a,power in an emergency,RU,KZ,igc,emergency_aid,electricity,,,,3,MW,,,,", True),
        ("a,аварийная взаимопомощь электроэнергией,Россия,Казахстан,igc,,power,,,,40,МВт,,,,", False),
        ("a,mutual aid in heat,KZ,RU,igc,emergency_aid,heat,,,,1,MW,,,,", False),
        ("a,аварийная помощь бензином,Россия,приграничные регионы,igc,,,,,,10,тыс. т,,,,", False),
        ("a,power in an emergency,KZ,RU,igc,emergency_aid,electricity,,,,50,MWh/day,winter,,,", False),
    ],
)
def test_aid_that_the_giver_does_not_have(row: str, is_there: bool) -> None:
    """RU makes 20 MW and uses 7 of it; Kazakhstan makes no power, and no heat crosses the border."""
    mine = provisions_of(with_draft(treaty(), HEAD + row))
    assert bool([*aid_without_giver(mine, spare_of(engine()), "KZ")]) != is_there
