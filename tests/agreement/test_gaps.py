"""Faults seeded in drafts, three and more of each kind, written as people write them: each is found and named, and nothing else."""

from __future__ import annotations

from functools import cache

import pytest

from kelisim.agreement.aid import arrives_of, spare_of
from kelisim.agreement.carried import Package
from kelisim.agreement.drafts import with_draft
from kelisim.agreement.gaps.conflict import conflicts
from kelisim.agreement.gaps.dates import before_finish, ends_after_start, outlives
from kelisim.agreement.gaps.duties import without_body, without_counterpart
from kelisim.agreement.gaps.gap import Gap
from kelisim.agreement.gaps.season import above_season
from kelisim.agreement.gaps.security import aid_without_giver
from kelisim.agreement.gaps.together import not_together
from kelisim.agreement.provision import provisions_of
from kelisim.case.case import Case
from kelisim.engine import Engine
from kelisim.errors import CaseError
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
hold,capacity of the line Kenkiyak - Kumkol,{IGC},capacity,crude,,,links:crude_kenkiyak_kumkol:capacity,40,Mt/year,,,,
wider,the line Kenkiyak - Kumkol is to be expanded,{IGC},capacity,crude,,,links:crude_kenkiyak_kumkol:capacity,40,Mt/year,,,,
limit,Russian power for the north,{IGC},supply,electricity,RU,KZ,resources:group_russia_to_kazakhstan:amount,2500,MW,winter,,,
fine,Russia shall deliver gas to Kostanay region,{IGC},supply,natural_gas,RU,kz_kostanay,,5,million m3/day,summer,,,
"""
TOGETHER = """
uz,Russia shall deliver gas to Uzbekistan,RU,UZ,body_igc,supply,natural_gas,RU,UZ,,6,bcm/year,,,,
west,Russia shall deliver gas to Mangystau,RU,KZ,body_igc,supply,natural_gas,RU,Mangystau region,,4,bcm/year,,,,
fine,Russia shall deliver gas to Kostanay,RU,KZ,body_igc,supply,natural_gas,RU,kz_kostanay,,3,million m3/day,,,,
part,поставлять газ в Рудный,RU,KZ,body_igc,supply,natural_gas,RU,Rudny,,2,million m3/day,winter,,,
china,transit of crude to China,RU,KZ,body_igc,transit,crude,ru_omsk,CN,,12,Mt/year,,2026-01-01,2030-01-01,
refinery,Russia shall deliver crude to Pavlodar,RU,KZ,body_igc,supply,crude,RU,kz_pavlodar,,9,Mt/year,,2026-01-01,2030-01-01,
later,Russia shall deliver crude to Pavlodar,RU,KZ,body_igc,supply,crude,RU,kz_pavlodar,,9,Mt/year,,2031-01-01,2033-01-01,
kg,Kazakhstan shall deliver power to Kyrgyzstan,KZ,KG,body_igc,supply,power,KZ,KG,,700,MW,January,,,
south,Kazakhstan shall deliver power to Uzbekistan,KZ,UZ,body_igc,supply,power,KZ,UZ,,600,MW,winter,,,
passes,Russian power passes to Kyrgyzstan,KZ,RU,body_igc,transit,power,RU,KG,,900,MW,January,,,
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
few,no fewer than 200 MW are received through Almaty,KZ,KG,body_igc,supply,power,Almaty region,kg_north,,200,MW,January,2027,2029,
below,sales to Kyrgyzstan stay below 100 MW,KZ,KG,body_igc,supply,power,KZ,KG,,100,MW,winter,2027,2029,
least,not less than 6 million m3 a day,{IGC},supply,gas,Kartaly,Aktobe region,,6,million m3/day,December-February,2027,2029,
cap,the quantity shall not exceed 5 million m3 a day,{IGC},supply,gas,Kartaly,Aktobe region,,5,million m3/day,winter,2026,2028,
amount,не менее 100 ГВт·ч,{IGC},supply,power,ru_orenburg,kz_west_kazakhstan,,100,GWh,декабрь,2027,2029,
всего,не более 80 МВт,{IGC},supply,power,RU,kz_west_kazakhstan,,80,MW,,2027,2029,
base,power to Altai at least 10 MW,{SEM},supply,power,kz_east_kazakhstan,ru_altai,,10,MW,summer,2027,2029,
top,power to Altai at most 5 MW,{SEM},supply,power,kz_east_kazakhstan,ru_altai,,5,MW,winter,2027,2029,
pool,power to Ural at least 10 GWh,{SEM},supply,power,kz_kostanay,ru_chelyabinsk,,10,GWh,year,2027,2029,
hour,power to Ural at most 2 MW,{SEM},supply,power,kz_kostanay,ru_chelyabinsk,,2,MW,winter,2027,2029,
"""
DATES = f"""
ishim,поставки по газопроводу Ишим,{IGC},supply,газ,RU,kz_akmola,,2,bcm/year,,,31.12.2028,ishim_astana
line,carry gas by the new line,{SEM},transit,natural_gas,,,links:gas_kokshetau_astana:capacity,3,bcm/year,,,2029-06-30,
plant,power of the nuclear plant,{IGC},capacity,electricity,,,assets:power_balkhash_npp:capacity,2400,MW,,,1 January 2033,
имя,поставки газа по газопроводу Ишим — Петропавл — Астана,{IGC},supply,,,,,,,,,2028-06-30,
early,Gazprom delivers gas to Astana from 2028,{IGC},supply,газ,Ишим,Астана,,1,bcm/year,,2028-01-01,,
own,more coal from Bogatyr,{SEM},supply,coal,,,assets:mine_bogatyr:capacity,3,Mt/year,,2028-01-01,2040-12-31,bogatyr_growth
twice,hold capacity between Astana and Kokshetau,{SEM},capacity,natural_gas,,,links:gas_saryarka2:capacity,1,bcm/year,,,2029-12-31,
then,Gazprom delivers gas to Astana once it is there,{IGC},supply,газ,Ишим,Астана,,1,bcm/year,,2031-01-01,,
unknown,Gazprom delivers gas to Oskemen,{IGC},supply,газ,ru_altai,kz_east_kazakhstan,,1,bcm/year,,2035-01-01,2045-12-31,
wide,transit of crude from Atyrau to Samara,RU,KZ,body_igc,transit,crude,Atyrau region,Samara region,,10,Mt/year,,2026-01-01,2032-12-31,
back,deliver diesel,{IGC},supply,diesel,RU,KZ,,100,kt/year,,2028-01-01,2026-01-01,
fine,the line is to be built,{SEM},capacity,natural_gas,,,links:gas_petropavl_kokshetau:capacity,10,bcm/year,,,2031-01-01,ishim_astana
"""
COUNTERPART = f"""
right,Kazakhstan has the right to the transit of crude,,KZ,body_igc,transit,crude,,,,2,Mt/year,,,,
owed,Russia shall give power,RU,,body_igc,supply,electricity,,,,100,MW,,,,
itself,swap of crude,KZ,KZ,body_igc,transit,crude,,,,1,Mt/year,,,,
lies,right to transit of gas through Kazakhstan,RU,UZ,body_igc,transit,natural_gas,,,links:gas_cac_makat_kulsary:capacity,5,bcm/year,,,,
home,open 200 MW of the corridor Ekibastuz - Semey,RU,KZ,body_igc,transit,power,Pavlodar region,Abai region,,200,MW,,2027,,
same,right to take power,KZ,Kazakhstan,body_igc,supply,power,RU,,,10,MW,,2027,,
widen,Transneft expands the line Kenkiyak - Kumkol,RU,KZ,body_igc,capacity,crude,,,links:crude_kenkiyak_kumkol:capacity,9,Mt/year,,2027,,
nowhere,let power pass from Altai to Novosibirsk,KZ,RU,body_igc,transit,power,ru_altai,ru_novosibirsk,,50,MW,,2027,,
around,carry power through Kazakhstan from Altai to Omsk,KZ,RU,body_igc,transit,power,Altai krai,Omsk region,,50,MW,,2027,,
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
    return [
        *found,
        *outlives(made, mine),
        *conflicts(made, mine),
        *above_season(made, mine),
        *not_together(made, mine),
    ]


@pytest.mark.parametrize(
    ("kind", "rows", "named"),
    [
        ("body", BODY, {"coal", "газ", "қор", "plan"}),
        ("season", SEASON, {"winter", "нефть", "south", "quarter", "limit", "sides", "hold"}),
        ("season", TOGETHER, {"china refinery", "passes kg south", "uz west"}),
        (
            "conflict",
            CONFLICT,
            {
                "day year",
                "ceiling more",
                "first second",
                "free levied",
                "below few",
                "cap least",
                "amount всего",
            },
        ),
        ("dates", DATES, {"ishim", "line", "plant", "back", "имя", "early", "own", "twice", "unknown"}),
        ("counterpart", COUNTERPART, {"right", "owed", "itself", "lies", "home", "same", "widen", "nowhere"}),
    ],
)
def test_seeded_faults_are_found_and_named(kind: str, rows: str, named: set[str]) -> None:
    """A gap that is not seen is signed."""
    found = find(reference(), rows)
    assert {" ".join(gap.provisions) for gap in found if gap.kind == kind} == named
    assert not {"fine", "soft", "around"} & {name for gap in found for name in gap.provisions}
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
    found += [*conflicts(case, mine), *above_season(case, mine), *not_together(case, mine)]
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
    assert bool([*aid_without_giver(mine, spare_of(engine()), home="KZ")]) != is_there


@pytest.mark.parametrize(
    ("rows", "is_there"),
    [
        ("a,power in an emergency,RU,KZ,igc,emergency_aid,electricity,,,,1.9,MW,winter,,,", True),
        ("a,power in an emergency,RU,KZ,igc,emergency_aid,electricity,,,,3,MW,winter,,,", False),
        ("a,help of the Ural side,RU,KZ,igc,emergency_aid,electricity,ru_side,town,,3,MW,,,,", False),
        ("a,power in an emergency,RU,KZ,igc,emergency_aid,electricity,,,links:line:capacity,3,MW,,,,", False),
        (
            "a,power in an emergency,RU,KZ,igc,emergency_aid,electricity,,,,1.9,MW,,,,\n"
            "b,power is delivered,RU,KZ,igc,supply,electricity,,,,4,MW,,,,",
            False,
        ),
        (
            "a,power in an emergency,RU,KZ,igc,emergency_aid,electricity,,,,1.9,MW,summer,,,\n"
            "b,power is delivered,RU,KZ,igc,supply,electricity,,,,4,MW,winter,,,",
            True,
        ),
    ],
)
def test_aid_that_cannot_arrive(rows: str, is_there: bool) -> None:
    """The line carries 5 MW, of which the town has 3 by the plan: 2 are free, and 1 beside a duty of 4 in the same months."""
    mine = provisions_of(with_draft(treaty(), HEAD + rows))
    found = [*aid_without_giver(mine, spare_of(engine()), arrives_of(engine(), mine), "KZ")]
    assert bool(found) != is_there
    assert all(gap.say.say == "agreement.gap_aid_way" and "links:line" in gap.rows for gap in found)


@pytest.mark.parametrize(
    ("text", "force"),
    [
        ("The Sides confirm their readiness to develop cooperation", "soft"),
        ("The Parties expressed interest in a pipeline", "soft"),
        ("The Sides intend to raise transit", "soft"),
        ("The Sides note the importance of reliable transit", "soft"),
        ("The Sides shall examine the possibility of a new line", "soft"),
        ("Стороны подтверждают готовность развивать сотрудничество", "soft"),
        ("Стороны выражают намерение увеличить поставки угля", "soft"),
        ("Стороны обязуются рассмотреть расширение", "soft"),
        ("Стороны отмечают важность бесперебойных поставок", "soft"),
        ("Стороны договорились создать рабочую группу", "soft"),
        ("Тараптар ынтымақтастықты дамытуға дайын екендіктерін растайды", "soft"),
        ("Тараптар газ жеткізуді арттыруға ниетті", "soft"),
        ("Тараптар мәселені қарастыруға міндеттенеді", "soft"),
        ("The Sides reaffirm their will to keep the balance", "soft"),
        ("The Sides shall build a line", "hard"),
        ("To strengthen security the Sides shall deliver gas", "hard"),
        ("Стороны обязуются обеспечить возможность транзита", "hard"),
        ("Тараптар мұнай тасымалдауға міндеттенеді", "hard"),
    ],
)
def test_what_both_sides_say_is_a_duty_only_by_its_verb(text: str, force: str) -> None:
    """A declaration that is counted as a duty makes an agreement look stronger than it is."""
    row = f"a,{text},RU;KZ,RU;KZ,igc,,,,,,,,,,,"
    assert provisions_of(with_draft(treaty(), HEAD + row))[0].force == force


def test_a_carrier_by_another_spelling_is_told() -> None:
    """What people write is not what a table calls it."""
    row = "a,Russia shall deliver gas,RU,KZ,igc,supply,gaz,,,,1,MW,,,,"
    with pytest.raises(CaseError) as error:
        with_draft(treaty(), HEAD + row)
    assert [one.nearest for one in error.value.problems] == ["natural_gas"]
