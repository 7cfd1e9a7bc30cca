"""Reliability in words: how much is unserved, how sure that is, and from how much work."""

from __future__ import annotations

from math import isnan

from kelisim.results.results import Results
from kelisim.results.sentences import day, energy, rounded
from kelisim.studies.reliability.indices import ALL


def said(results: Results) -> list[str]:
    """The answer in sentences."""
    meta, fields = results.meta, results.fields
    total = results["carriers"].set_index("carrier").loc[ALL]
    hours, work = float(meta["hours"]), meta["states"]
    what = "paths" if fields["sequential"] else "states"
    span = f"{fields['days']} days from {day(meta['start'])}"
    how = "" if fields["sequential"] else f" ({fields['draw']})"
    names = results.case.table("carriers").set_index("carrier")["name"]
    aim = ", ".join(str(names[carrier]).lower() for carrier in fields["carriers"])
    short = f"somebody is short{f' of {aim}' if aim else ''}"
    first = (
        f"{span}: {meta['samples']:,} {what} of {len(results['elements']):,} elements and tracks ({meta['pieces']:,} units) were drawn"
        f"{how}; in {meta['short']:,} of them {short} beyond the plan"
        f"{'.' if fields['draw'] == 'plain' else '; they do not all count alike.'}"
    )
    if total["events"] == 0:
        second = f"No shortage was seen; with 95 % confidence one falls on less than {rounded(total['lole_high'], 2)} of {hours:,.0f} h."
    else:
        low, high = (energy(float(total[f"eue_{end}"])) for end in ("low", "high"))
        second = (
            f"Expected unserved energy is {energy(float(total['eue']))} (95 % interval {low} to {high}), "
            f"{share_words(float(total['neue']))} of what is wanted"
        )
        planned = float(total["planned"])
        second += f"; {energy(planned)} more are unserved with nothing out." if planned >= 1.0 else "."
    third = (
        f"{work['solved']:,} problems were solved; {work['equal']:,} {what} equal others, {work['pruned']:,} more were known without a "
        f"solve. Rates of {meta['by_rate']:,} elements are general ones by kind (grade C). Place rule: {meta['rules']['place']}."
    )
    if work["eased"]:
        third += f" In {work['eased']:,} a shared limit of the year could not be kept on the day and was lifted for it."
    return [first, second, third]


def share_words(share: float) -> str:
    """A small share of energy as people write it."""
    if share >= 1e-4 or share == 0:
        return f"{rounded(share * 100, 2)} %"
    return f"{rounded(share * 1e6, 2)} parts per million"


def interval(mean: float, low: float, high: float) -> str:
    """A mean with its interval: "12 (9.8 to 14)"; a digit more where its ends would read as the mean does."""
    digits = 2 if rounded(low, 2) != rounded(mean, 2) != rounded(high, 2) else 3
    return f"{rounded(mean, digits)} ({rounded(low, digits)} to {rounded(high, digits)})"


def energy_interval(mean: float, low: float, high: float) -> str:
    """The same of MWh: "12.1 GWh (9.80 GWh to 14.4 GWh)"; without an interval if there is none."""
    if isnan(low) or isnan(high):
        return f"{energy(mean)} (too few for an interval)"
    return f"{energy(mean)} ({energy(low)} to {energy(high)})"
