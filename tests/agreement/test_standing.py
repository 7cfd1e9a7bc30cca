"""A draft beside the agreements in force: what says otherwise, what says it again, what leaves days that nobody covers."""

from __future__ import annotations

from kelisim.agreement.drafts import with_draft
from kelisim.agreement.gaps.standing import beside
from kelisim.agreement.provision import provisions_of
from tests.cases.reference import reference

DRAFT = """provision,text,kind,obligor,beneficiary,carrier,from,to,acts_on,quantity,unit,season,start,end
more,shall carry 12.5 Mt of crude to China,transit,KZ,RU,crude,ru_omsk,cn_alashankou,,12.5,Mt/year,,2026-01-01,2035-12-31
same,carries gas to Uzbekistan,transit,KZ,RU,natural_gas,Alexandrov Gay,uz_karakalpakstan,,916.67,million m3/month,,2027-01-01,2040-12-31
short,pays 18 USD a tonne,price,RU,KZ,crude,,,links:crude_priirt_pavl:tariff,18,USD/t,,2026-01-01,2030-12-31
late,shall deliver power to the south,supply,UZ,KZ,electricity,UZ,kz_shymkent,,900,GWh,March-December,2028-01-01,2030-12-31
next,shall deliver power to the south,supply,UZ,KZ,electricity,UZ,kz_shymkent,,900,GWh,March-December,2026-12-29,2030-12-31
other,shall deliver power to Omsk,supply,KZ,RU,electricity,KZ,ru_omsk,,50,MW,,2026-01-01,2030-12-31
"""


def test_a_draft_is_held_against_what_is_in_force() -> None:
    """Two papers in force on one matter leave open which holds, and a supply that ends before the next begins is no supply."""
    case = reference()
    found = [*beside(case, provisions_of(with_draft(case, DRAFT)), provisions_of(case))]
    found.sort(key=lambda one: one.draft.line)
    assert [(one.draft.name, one.relation, one.standing.name) for one in found] == [
        ("more", "otherwise", "prv_oil_cn_ceiling"),
        ("same", "again", "prv_transit_uz_2026"),
        ("short", "earlier", "prv_oil_cn_tariff"),
        ("late", "between", "prv_el_uz_south"),
    ]
    assert found[0].rows == (
        "provisions:more",
        "provisions:prv_oil_cn_ceiling",
        "agreements:agr_oil_transit_cn_2034",
    )
