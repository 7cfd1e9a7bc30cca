"""The first three sentences of twelve cuts of the reference case: `python -m tools.first_sentences` writes docs/worked/first-sentences.md.

By days, which months cannot replace: the plan of a daily year is solved first, minutes, unless it is kept; each cut takes seconds after that.
`--step 1mo` writes the page by months, and the page says so. `--only NAME` writes the part of one cut again and leaves the others as they stand.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kelisim.engine import Engine
from kelisim.io import reference
from kelisim.report.words import Words
from kelisim.results.facts import facts_of
from kelisim.studies.study import create

PAGE = Path(__file__).parents[1] / "docs/worked/first-sentences.md"
START, DAYS = date(2024, 1, 12), 30
FACTS = ("answer", "who", "rests")


@dataclass(frozen=True)
class Cut:
    """One question: its heading, elements, and the share of them that is lost."""

    name: str
    lost: tuple[str, ...]
    share: float = 1.0

    def command(self, step: str = "1d") -> str:
        """What asks it on the command line."""
        share = f" --share {self.share:g}" if self.share < 1.0 else ""
        of_step = "" if step == "1mo" else f"--step {step} "
        return f"kelisim run disruption reference {of_step}--lost {','.join(self.lost)}{share} --start {START} --days {DAYS}"


CUTS = (
    Cut("Both North-South lines", ("power_ns_west", "power_ns_east")),
    Cut("Half of Ekibastuz GRES-1", ("power_ekibastuz_gres1",), 0.5),
    Cut("Saryarka", ("gas_saryarka_karaozek_zhez",)),
    Cut("Beineu-Bozoy-Shymkent", ("gas_bbs_bozoy_karaozek",)),
    Cut("Entry of Central Asia-Center", ("gas_cac_agay_makat",)),
    Cut("CPC", ("crude_cpc_kz",)),
    Cut("Atyrau refinery", ("refinery_atyrau",)),
    Cut("Pavlodar refinery", ("refinery_pavlodar",)),
    Cut("Shymkent refinery", ("refinery_shymkent",)),
    Cut("Orenburg gas plant", ("orenburg_gpp",)),
    Cut("Kartaly-Rudny", ("gas_kartaly_rudny",)),
    Cut("Atasu-Alashankou", ("crude_atasu_alashankou",)),
    Cut("MAEK", ("power_maek_chp1", "power_maek_chp2", "power_maek_tpp3")),
    Cut("Petropavl CHP-2", ("power_petropavl_chp2",)),
)
HEAD = f"""# The first three sentences of twelve cuts

What a reader hears first if one of these is lost for {DAYS} days from {START.day} January {START.year}: the largest loss, whoever bears it; who is cut;
on whose help it rests. Each of the three refineries is a cut of its own. `make first-sentences` writes this page from a run; how the
sentences are chosen stands on the page of [disruption](../studies/disruption.md#how-it-is-computed).
"""
STEPS = {
    "1d": "The reference case by days.\n",
    "1mo": "The reference case by months, in which a cut takes its share of each month: shares and amounts are those of months, and with a few days\n"
    "of room in a month a cut is smaller than by days. `python -m tools.first_sentences` asks the same by days.\n",
}


def sentences(engine: Engine, cut: Cut) -> list[str]:
    """What is said first of a cut."""
    study = create("disruption", {"lost": cut.lost, "share": cut.share, "start": START, "days": DAYS})
    results = study.run(engine)
    facts, words = facts_of(results["facts"]), Words(results.case)
    return [words.say(facts[key]) for key in FACTS]


def page(engine: Engine, step: str) -> Iterator[str]:
    """The page, part by part."""
    yield HEAD
    yield STEPS[step]
    for cut in CUTS:
        yield part(engine, cut, step)


def part(engine: Engine, cut: Cut, step: str) -> str:
    """What the page has of one cut."""
    told = "\n".join(f"{number}. {text}" for number, text in enumerate(sentences(engine, cut), 1))
    return f"## {cut.name}\n\n{told}\n\n```console\n$ {cut.command(step)}\n```\n"


def replaced(text: str, new: str) -> str:
    """The page with the part of one cut in the place of the old one."""
    head = new.splitlines()[0]
    parts = re.split(r"(?m)^(?=## )", text)
    return "".join(
        new + ("\n" if old.endswith("\n\n") else "") if old.startswith(f"{head}\n") else old for old in parts
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--step", choices=sorted(STEPS), default="1d")
    parser.add_argument("--only", choices=[cut.name for cut in CUTS], metavar="NAME", help="name of one cut")
    asked = parser.parse_args()
    step, engine = asked.step, Engine(reference(asked.step))
    if asked.only:
        cut = next(cut for cut in CUTS if cut.name == asked.only)
        text = replaced(PAGE.read_text(encoding="utf-8"), part(engine, cut, step))
    else:
        text = "\n".join(page(engine, step))
    PAGE.write_text(text, encoding="utf-8")
    print(f"written: docs/worked/{PAGE.name}")


if __name__ == "__main__":
    main()
