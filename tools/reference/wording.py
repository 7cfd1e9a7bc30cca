"""Notes for readers of the case: remarks meant for the joining of the collections are put in plain words
or left out.
"""

from __future__ import annotations

import re

_RULES = (
    (
        r": electricity/assets\.csv efficiency, coal_rail/parameters\.csv contract heat value",
        ": efficiency, contract heat value",
    ),
    (
        r": electricity/assets\.csv efficiency, coal_rail/parameters\.csv heat content",
        ": efficiency, heat content",
    ),
    (r"yields in oil/assets\.csv", "published or estimated yield"),
    (r" \(assumed in gas/assets\.csv\)", " (assumed)"),
    (r"guessed in gas/assets\.csv", "estimated for the field"),
    (r" \(gas/demand\.csv cross-check row\)", ""),
    (
        r"annual contract quantity is resource contract_ru_gas; the entry rows .*",
        "the quantity of the year is contract_ru_gas_all; border entries are pipes, not sources",
    ),
    (
        r" \((?:coal README|oil README, doubt 6|oil/demand|"
        r"coal_rail/parameters\.csv norms|oil/prices\.csv, C)\)",
        "",
    ),
    (r"^electricity README\b", "transfer limit of the operator"),
    (r"\(electricity README, winter peak check\)", "(winter peak check)"),
    (r"; needs a link ru_orenburg.*", ""),
    (r"gas folder 45, oil folder 37\.5 bcm/y: 45 kept", "45 or 37.5 bcm a year in two sources, 45 kept"),
    (r"oil folder places it", "one source places it"),
    (
        r"the coal folder counts both plants of the town in one row",
        "coal deliveries are known for the plants of the town together",
    ),
    (r"; electricity folder; coal_rail 3500 would", "; 3500 would"),
    (r"; both folders", ""),
    (r"; coal_rail voll_kz_household; the electricity folder has 1500", "; 1500 in another estimate"),
    (r"an INPUT;", "an input;"),
    (r"; all coal_plant_\* rows and coal_reg_kz heat 6980 are dropped", ""),
    (
        r"the power and heat rows \(([\d.]+) bcm\) are dropped: plants and boilers of the model burn "
        r"([\d.]+) at the 2024 split; this residual keeps the oblast total",
        r"of \1 bcm for power and heat, plants and boilers of the case burn \2 at the output of 2024",
    ),
    (r"plants and boilers at the 2024 split", "plants and boilers at the output of 2024"),
    (r"(?:; )?coal_reg_kz household rows \(all years\) are totals of this, dropped", ""),
    (
        r"pulls CHP and boilers: replaces gas and coal demand rows of class heat and power at this place",
        "pulls CHPs and boilers",
    ),
    (r"coal_plant_bishkek rows dropped: the CHP burns by itself", "the Bishkek CHP burns by itself"),
    (r"(?:; )?refinery intake rows \(.*", ""),
    (r"from recall", "from general knowledge"),
    (r"\(recall\)", "(general knowledge)"),
    (r"(?:; )?three folders, one event", ""),
    (r"; the oil folder (?:has no outlet for field LPG|repeats this link as oil_l_kar_orenburg)", ""),
    (r"\(asset_ports\)", ""),
    (r"ceiling per product in resource_join", "ceilings per product are inputs"),
    (r"the tankage in asset_crosswalk was", "the tankage of the case was"),
    (r"\(0\.74-0\.78 in gas/demand\.csv\)", "(0.74-0.78 in sources)"),
    (r"\(demand\.csv says 0\.86\)", "(0.86 in a source)"),
    (r"; burn shares are in coal_rail/parameters\.csv", ""),
    (r"electricity/profiles_monthly\.csv, times days", "monthly mean load times days"),
    (r"farm diesel, harvest peak: oil/demand\.csv", "farm diesel with the harvest peak"),
    (r"; replaces the placeholder depot sizes of coal_rail", ""),
    (r"also feed ru_omsk, .* is resource", "the joint cap is"),
    (r"oil/demand 64\.4 \+ 8\.1 is", "64.4 + 8.1 Mt is"),
    (r"exports by country enter as demand", "exports by country enter as ceilings"),
    (r"split by regional use; split by regional use", "split by regional use"),
    (r"^capacity: blank; ", "capacity not published: "),
    (r"^capacity: blank$", "capacity not published"),
)
RULES = tuple((re.compile(pattern), words) for pattern, words in _RULES)


def plain(note: str) -> str:
    """A note without remarks on files."""
    for pattern, words in RULES:
        note = pattern.sub(words, note)
    return re.sub(r"\s+;", ";", re.sub(r"  +", " ", note)).strip(" ;,")
