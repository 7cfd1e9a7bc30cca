"""What was measured, and the model result to hold against it.

`compare_with` is a sum of terms `table.column:element` with signs and, where needed, a factor: the tables
and columns are those of the balance study. A number alone is in the unit of the row.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path

from tools.reference import pits
from tools.reference.elements import Elements
from tools.reference.facts import Facts, number, short, show

COAL = ("coal_high_ash", "coal_low_ash", "coal_coking")
CARRIERS = {"lpg (refineries)": "lpg", "oil": "crude"}
UNITS = {
    "bcm raw": "bcm",
    "mcm/d": "million m3/day",
    "mcm/h": "million m3/hour",
    "%": "percent",
    "M USD": "million USD",
}
# observations that the machine test of the backcast called a test on the case as it stood before its numbers were changed by topic:
# rows may join them, none may leave
COUNTING = Path(__file__).with_name("counting.csv")
# observations whose counterpart the machine test called arithmetic on the case as it ships, and the tables that it follows
ARITHMETIC = Path(__file__).with_name("arithmetic.csv")
OTHER_YEAR = "other_year"
COMPANY = "_company_"
AS_2024 = "as the 2024 row"  # what the join says of a row of another year
INDEPENDENT = {"no": "", "": ""}
SMALL_HYDRO = 35.0
# Kazakh crude for Pavlodar crosses to Samara and comes back over Omsk: these numbers leave it out, by their own notes.
SWAPPED = "links.total.forward:crude_samara_ton2"
WITHOUT_SWAP = ("oil_f_072", "oil_f_073", "oil_f_092", "oil_f_093")
# What is sold under a contract that books its way: the flows of the line hold pipe fuel that is burnt for others.
OF_STREAM = {
    name: "streams.total.delivered:contract_kz_cn"
    for name in ("gas_f_034", "gas_f_035", "gas_f_036", "gas_f_037", "gas_f_045")
}
TAKEN = "taken:"
CAPTIVE = "captive plant of an oil field"


def observations(
    facts: Facts, elements: Elements, tables: dict[str, list[dict[str, str]]]
) -> list[dict[str, str]]:
    """All observed numbers of the join; a row without a number is left out."""
    words = _Words(facts, elements, tables)
    counted = _named(COUNTING)
    rows = []
    records = [row for row in facts.records("join/observation_join") if row["value"]]
    own = _formulas(records)
    for row in records:
        if row["compare_with"].startswith(AS_2024):
            # of a company the pit that bears its name is a part
            same = None if COMPANY in row["observation"] else own.get(_what(row))
            row |= same or {"compare_with": "", "independent": ""}
        folder, key = row["observation"].split("/")
        table, element = words.element(row["element"])
        period, remark = _period(row["period"])
        rows.append(
            {
                "observation": key,
                "table": table,
                "element": element,
                "carrier": CARRIERS.get(row["carrier"], row["carrier"]),
                "from_place": row["from_place"],
                "to_place": row["to_place"],
                "period": period,
                "value": row["value"],
                "unit": UNITS.get(row["unit"], row["unit"]),
                "use": row["use"],
                "compare_with": OF_STREAM.get(key)
                or words.compare(row) + (f" - {SWAPPED}" if key in WITHOUT_SWAP else ""),
                "independent": INDEPENDENT.get(row["independent"], row["independent"]),
                "source": facts.sources(f"{folder}/observed_flows.csv#{key}"),
                "confidence": row["confidence"],
                "counted": "yes" if key in counted else "",
                "note": short(remark, _note(row)),
            }
        )
    lost = counted - {row["observation"] for row in rows}
    if lost:
        raise ValueError(f"observations that count are gone: {', '.join(sorted(lost))}")
    return rows


def label(rows: list[dict[str, str]]) -> None:
    """Labels as input what the machine test found to be arithmetic, and rows of other years whose result is.

    Raises ValueError if an observation of the list is gone.
    """
    arithmetic = _named(ARITHMETIC)
    lost = arithmetic - {row["observation"] for row in rows}
    if lost:
        raise ValueError(
            f"observations that the machine test found to be arithmetic are gone: {', '.join(sorted(lost))}"
        )
    tests = {
        row["compare_with"]
        for row in rows
        if row["use"] != OTHER_YEAR and row["observation"] not in arithmetic
    }
    follows = {row["compare_with"] for row in rows if row["observation"] in arithmetic} - tests
    for row in rows:
        of_other_year = row["use"] == OTHER_YEAR and row["independent"] and row["compare_with"] in follows
        if row["observation"] in arithmetic or of_other_year:
            row["independent"] = "input"


def _named(path: Path) -> set[str]:
    """The observations that a list names."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["observation"] for row in csv.DictReader(file)}


def _what(row: dict[str, str]) -> tuple[str, ...]:
    """What a row measures, whatever the year."""
    return tuple(row[column] for column in ("element", "carrier", "from_place", "to_place"))


def _formulas(records: Iterable[dict[str, str]]) -> dict[tuple[str, ...], dict[str, str]]:
    """What stands against the row of 2024, and its label, by what the row measures: a case of another year asks the same."""
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for row in records:
        terms = row["compare_with"].split()
        holds_a_number = any(re.fullmatch(r"[\d.]+", term) for term in terms)  # of 2024, so of no other year
        if row["use"] == "base_2024" and terms and terms != ["none"] and not holds_a_number:
            found.setdefault(_what(row), {name: row[name] for name in ("compare_with", "independent")})
    return found


def _note(row: dict[str, str]) -> str:
    if row["use"] == OTHER_YEAR:
        return "needs a case of that period" if row["note"].startswith("needs a case") else row["note"]
    return short(row["note"], "not a test" if row["independent"] == "no" else "")


def _period(text: str) -> tuple[str, str]:
    """A year, month, day or `first..last` month, and what was said beside it."""
    remark = ""
    quarter = re.fullmatch(r"(\d{4})-Q([1-4])", text)
    half = re.fullmatch(r"(\d{4})-H([12])", text)
    if quarter:
        first = 3 * int(quarter[2]) - 2
        return f"{quarter[1]}-{first:02}..{quarter[1]}-{first + 2:02}", ""
    if half:
        first = 6 * int(half[2]) - 5
        return f"{half[1]}-{first:02}..{half[1]}-{first + 5:02}", ""
    if text == "typical year":
        return "2024", text
    year = re.fullmatch(r"(\d{4}) ?\(?(plan|KMG)\)?", text)
    if year:
        return year[1], "plan" if year[2] == "plan" else "the company's own perimeter"
    short_range = re.fullmatch(r"(\d{4})-(\d\d)\.\.(\d\d)", text)
    if short_range:
        return f"{short_range[1]}-{short_range[2]}..{short_range[1]}-{short_range[3]}", ""
    return text.replace("/", ".."), remark


class _Words:
    """Translates the join's words for elements and results."""

    def __init__(self, facts: Facts, elements: Elements, tables: dict[str, list[dict[str, str]]]) -> None:
        self.facts = facts
        self.elements = elements
        self.country = {row["place"]: row["country"] for row in tables["places"]}
        self.assets = tables["assets"]
        self.ports = tables["asset_ports"]
        self.markets = tables["markets"]
        self.contracts = {row["contract"]: row for row in tables["contracts"]}

    def element(self, text: str) -> tuple[str, str]:
        """Table and elements of the case, or no table and the words."""
        names = text.split(";")
        homes = {self.elements.table_of(name) for name in names}
        if len(homes) != 1 or homes == {""}:
            return "", text
        return homes.pop(), ";".join(one for name in names for one in self.elements.spread(name))

    def compare(self, row: dict[str, str]) -> str:
        text = row["compare_with"]
        if text in ("", "none"):
            return ""
        whole = self._whole(text, row)
        return whole or self._sum(text, row)

    def _whole(self, text: str, row: dict[str, str]) -> str:
        """Totals that the join names in words."""
        if text == "made:res":
            return self._plus(
                f"assets.total.activity:{a['asset']}" for a in self.assets if self._renewable(a)
            )
        if text in ("made:coal power", "made:gas power"):
            fuels = COAL if "coal" in text else ("natural_gas",)
            return self._plus(f"assets.ports.energy:{a}:electricity" for a in self._power_from(fuels))
        if text == "used:natural_gas:KZ":
            plants = [*self._power_from(("natural_gas",), captive=False), *self._boilers("natural_gas")]
            taken = "".join(f" - assets.ports.energy:{a}:natural_gas" for a in plants)
            return f"carriers.balance.used:KZ:natural_gas{taken}"
        if text.startswith("sum crude of assets"):
            return "carriers.balance.made:KZ:crude"
        if text.startswith("sum of assets.activity:mine_*"):
            mines = [a for a in self.assets if a["kind"] == "mine" and self.country[a["place"]] == "KZ"]
            return self._plus(self._activity(a["asset"]) for a in mines)
        if text.startswith("sum of demand.served class export, coal"):
            abroad = [m["market"] for m in self.markets if m["carrier"] in COAL]
            rail = [
                one
                for link in ("coal_bd_sar_uz", "coal_bd_oaz_uz", "coal_bd_kg")
                for one in self.elements.links[link]
            ]
            return self._plus(
                [
                    *(f"markets.total.taken:{m}" for m in abroad),
                    *(f"links.total.forward:{link}" for link in rail),
                ]
            )
        if text.startswith("imported:"):
            return f"contracts.total.quantity:products_import_ru_{text.removeprefix('imported:')}"
        made = re.fullmatch(r"made:(\w+):(KZ|UZ|refineries KZ)", text)
        if made and made[2] != "refineries KZ":
            return f"carriers.balance.made:{made[2]}:{made[1]}"
        if made:
            plants = [
                a["asset"]
                for a in self.assets
                if a["kind"] == "refinery" and self.country[a["place"]] == "KZ"
            ]
            return self._plus(
                f"assets.ports.energy:{a}:{made[1]}" for a in plants if self._has_port(a, made[1])
            )
        return ""

    def _sum(self, text: str, row: dict[str, str]) -> str:
        """A written sum, term by term."""
        out = ""
        for sign, term in re.findall(r"(^|[+-])\s*([^\s+-]+)", text):
            for one in self._terms(term, row):
                taken = one.startswith(TAKEN)
                minus = (sign == "-") != taken
                out += f" {'-' if minus else '+'} {one.removeprefix(TAKEN)}"
        return out.removeprefix(" + ").strip()

    def _terms(self, term: str, row: dict[str, str]) -> list[str]:
        if re.fullmatch(r"[\d.]+", term):
            scale = 1000.0 if row["unit"] == "kt" else 1.0
            return [show(number(term) * scale)]
        table, _, key = term.partition(":")
        name, *rest = key.split(":")
        if table == "links.flow":
            way = "back" if rest == ["b"] else "forward"
            return [f"links.total.{way}:{link}" for link in self.elements.links[name]]
        if table == "assets.activity":
            return [self._activity(name)]
        if table == "assets.port":
            sign = "" if name.startswith("field_") else TAKEN
            return [f"{sign}assets.ports.energy:{name}:{rest[0]}"]
        if table == "demand.served":
            return [f"markets.total.taken:{name}_{rest[0]}_sale"]
        raise ValueError(f"no such term: {term}")

    def _activity(self, asset: str) -> str:
        """Activity of an asset; pits in their own tonnes, the washery in raw coal."""
        if asset != "mine_qarmet_washery":
            row = self.facts.by("join/asset_crosswalk", "asset").get(asset)
            scale = pits.heat(self.facts, row) if row else 1.0
            return (
                f"assets.total.activity:{asset}"
                if scale == 1
                else f"{show(1 / scale)} * assets.total.activity:{asset}"
            )
        ports = self.facts.table("join/asset_ports")
        share = ports[(ports["asset"] == asset) & (ports["carrier"] == "coal_coking")]["ratio"].iloc[0]
        return f"{show(1 / number(share))} * assets.total.activity:{asset}"

    def _renewable(self, asset: dict[str, str]) -> bool:
        if self.country[asset["place"]] != "KZ" or asset["status"] != "base":
            return False
        small = asset["kind"] == "hydro" and (
            number(asset["capacity"]) < SMALL_HYDRO or "_small_" in asset["asset"]
        )
        return asset["kind"] in ("wind", "solar") or small

    def _power_from(self, fuels: tuple[str, ...], captive: bool = True) -> list[str]:
        burns = {
            port["asset"] for port in self.ports if port["carrier"] in fuels and port["ratio"].startswith("-")
        }
        plants = [a for a in self.assets if a["asset"] in burns and a["kind"] in ("power_plant", "chp")]
        return [
            a["asset"]
            for a in plants
            if self.country[a["place"]] == "KZ"
            and a["status"] == "base"
            and (captive or CAPTIVE not in a.get("note", ""))
        ]

    def _boilers(self, fuel: str) -> list[str]:
        burns = {port["asset"] for port in self.ports if port["carrier"] == fuel}
        return [a["asset"] for a in self.assets if a["kind"] == "boiler" and a["asset"] in burns]

    def _has_port(self, asset: str, carrier: str) -> bool:
        return any(port["asset"] == asset and port["carrier"] == carrier for port in self.ports)

    @staticmethod
    def _plus(terms: Iterable[str]) -> str:
        return " + ".join(terms)
