"""The worked page on the rules of October 2025: `python -m tools.october_2025` writes docs/worked/october-2025.md.

Every date, verdict, volume and sum on it is read off two runs of the study on the reference case by months; only the words between them are
written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from kelisim.case.another_year import in_year
from kelisim.engine import Engine
from kelisim.io import reference
from kelisim.report.words import Words
from kelisim.results.facts import facts_of
from kelisim.results.results import Results
from kelisim.studies.study import create

PAGE = Path(__file__).parents[1] / "docs/worked/october-2025.md"
AT, UNTIL, DAYS = date(2025, 10, 22), date(2026, 10, 29), 60
COMMAND = (
    f"kelisim run sanctions reference --step 1mo --at {AT} --until {UNTIL} --days {DAYS} --answers stop,wait"
)
OPEN = "–"
# what the page tells of: heading, subjects, acts, and what the rows do not say
TOPICS: tuple[tuple[str, tuple[str, ...], tuple[str, ...], str], ...] = (
    (
        "Rosneft's transit to China",
        ("transit_ru_cn_crude",),
        ("operate", "wind_down"),
        "No licence that names it was found. The Kazakh side said on 15 December 2025 that none is needed; the rows do not judge that.",
    ),
    (
        "Pavlodar's feed",
        ("russian_crude_pavlodar", "refinery_pavlodar"),
        ("operate", "wind_down"),
        "Who supplies the refinery is from memory (C). Its products are a question of origin in the Union since 21 January 2026 "
        "and in Britain since 20 May 2026; the case sells none of them there.",
    ),
    (
        "The Caspian pipeline (CPC)",
        ("ent_cpc", "crude_term_med"),
        ("operate", "carry"),
        "Kazakh oil is outside the bans and the caps with its certificate of origin. Whether the Russian part of CPC Blend is, the rows leave open: "
        "texts speak of oil of the pipeline as well.",
    ),
    ("Tengiz", ("ent_tco", "field_tengiz"), ("operate",), ""),
    (
        "Karachaganak",
        ("ent_kpo", "field_karachaganak", "contract_schwedt"),
        ("operate", "wind_down"),
        "GL 124A names CPC and Tengiz only, so that for 23 days there was nothing but the wind-down GL 126.",
    ),
    (
        "Stakes of Lukoil",
        ("ent_cpc", "ent_tco", "ent_kpo", "ent_lig", "ent_kalamkas", "ent_turgai"),
        ("sell_stake", "negotiate"),
        "GL 124A and 124B say that they do not allow a sale. Talks on Lukoil International have a licence, its sale has none. "
        "Shares of Kalamkas-Khazar and Turgai are from memory (C).",
    ),
    (
        "Payment",
        (
            "pay_gazprombank_gas",
            "pay_listed_banks_energy",
            "pay_vtb_kz",
            "pay_nuclear",
            "pay_balkhash",
            "pay_mir",
        ),
        ("pay",),
        "Which bank is used for gas is not published (C). Since 12 March 2025 no licence covers payments for energy through the banks listed in 2022.",
    ),
)


def asked(engine: Engine) -> Results:
    """The run of the page."""
    fields = {"at": AT, "until": UNTIL, "days": DAYS, "answers": ("stop", "wait")}
    return create("sanctions", fields).run(engine)


def page(engine: Engine) -> str:
    """The page as text."""
    results = asked(engine)
    words = Words(results.case)
    later = asked(Engine(in_year(engine.case, AT.year).case))
    parts = [_head(results, words), _days(results, words), _topics(results, words)]
    parts += [_answers(results, words), _of_2025(results, later, words)]
    return "\n\n".join([*parts, _tail()]) + "\n"


def _head(results: Results, words: Words) -> str:
    said = [words.say(fact) for fact in facts_of(results["facts"]).values()]
    lines = [
        "# October 2025: two Russian companies listed",
        "",
        "**What happened.** On 15 October 2025 Britain, and on 22 October the United States listed Rosneft and Lukoil. "
        "Both have stakes in Kazakhstan, oil that crosses it, and a hand in what leaves it. "
        "(Sources: the rows of [restrictions](../tables.md#restrictions) and [licences](../tables.md#licences) of the case, each with its page and grade.)",
        "",
        "**Question.** What is touched on 22 October 2025, until when, how much of the year is that, and what does it change if everybody keeps to the rules? "
        "Rules and licences are those of the days; flows and prices "
        "are those of 2024 (`kelisim year reference 2025` makes a case of 2025 where its figures are wanted).",
        "",
        "```console",
        f"$ {COMMAND}",
        "```",
        "",
        *(f"- {sentence}" for sentence in said if sentence),
    ]
    return "\n".join(lines)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(heads)} |", f"| {' | '.join('---' for _ in heads)} |"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _days(results: Results, words: Words) -> str:
    """Days on which a verdict at home changes."""
    turns = results["turns"]
    rows = [
        (
            f"{row.day:%Y-%m-%d}",
            row.authority,
            words.text(f"sanctions.turn_{row.what}_{row.way}", name=row.name),
            str(row.changed),
            row.names,
            row.confidence,
        )
        for row in turns[turns["changed"] > 0].itertuples(index=False)
    ]
    told = _table(("Day", "Authority", "What happens", "Verdicts", "Such as", "Grade"), rows)
    return f"## Day by day\n\nDays on which a verdict at home changes, and how many do.\n\n{told}"


def _verdicts(
    results: Results, words: Words, subjects: Sequence[str], acts: Sequence[str]
) -> Iterator[Sequence[str]]:
    frame = results["verdicts"]
    frame = frame[frame["subject"].isin(subjects) & frame["act"].isin(acts) & (frame["authority"] != "")]
    order = {subject: place for place, subject in enumerate(subjects)}
    frame = frame.assign(order=frame["subject"].map(order)).sort_values(
        ["order", "authority", "act", "part", "start"]
    )
    told = [_told(words, row) for row in frame.itertuples(index=False)]
    yield from _joined(told)


def _joined(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Rows that say the same from one day to the next as one: another rule behind a verdict is no change of it."""
    found: list[tuple[str, ...]] = []
    for row in rows:
        last = found[-1] if found else None
        if last and last[:4] == row[:4] and last[6:] == row[6:] and _follows(last[5], row[4]):
            found[-1] = (*last[:5], row[5], *last[6:])
        else:
            found.append(row)
    return found


def _follows(end: str, start: str) -> bool:
    return end != OPEN and date.fromisoformat(end) + timedelta(days=1) == date.fromisoformat(start)


def _told(words: Words, row: Any) -> tuple[str, ...]:
    last = "" if row.end >= pd.Timestamp(UNTIL) else f"{row.end:%Y-%m-%d}"
    part = words.text(f"sanctions.part_{row.part}")
    if pd.notna(row.share) and row.share < 1:
        part = f"{part}, {100 * row.share:.3g} %"
    held = row.licences or (f"not by {row.barred}" if row.barred else "")
    doubts = ", ".join(words.text(f"sanctions.doubts_{one}") for one in row.doubts.split("; ") if one)
    verdict = words.text(f"sanctions.verdict_{row.verdict}")
    return (
        row.name,
        row.authority,
        words.text(f"sanctions.act_{row.act}"),
        part,
        f"{row.start:%Y-%m-%d}",
        last or OPEN,
        f"{verdict} ({doubts})" if doubts else verdict,
        held or "–",
        row.confidence,
    )


def _volumes(results: Results, words: Words, subjects: Sequence[str]) -> Iterator[Sequence[str]]:
    """What the plan has of them."""
    frame = results["exposure"]
    frame = frame[frame["subject"].isin(subjects)].drop_duplicates(["subject", "act", "part"])
    for row in frame.itertuples(index=False):
        sizes = [words.amount(value, row.carrier) for value in (row.lowest, row.highest)]
        worth = [words.money(value) for value in (row.worth_lowest, row.worth_highest)]
        above = "–" if pd.isna(row.above_highest) else f"up to {words.money(row.above_highest)}"
        yield (
            row.name,
            words.text(f"sanctions.part_{row.part}"),
            sizes[1] if row.is_exact else f"{sizes[0]} to {sizes[1]}",
            worth[1] if row.is_exact else f"{worth[0]} to {worth[1]}",
            above,
            row.confidence,
        )


def _topics(results: Results, words: Words) -> str:
    parts = ["## What is touched"]
    heads = ("What", "Authority", "Act", "Of", "From", "To", "Verdict", "Licence", "Grade")
    for heading, subjects, acts, note in TOPICS:
        parts.append(f"### {heading}")
        rows = list(_verdicts(results, words, subjects, acts))
        parts.append(_table(heads, rows) if rows else "No rule of the case touches it.")
        volumes = list(_volumes(results, words, subjects))
        if volumes:
            told = ("What", "Of", "In the plan of the year", "Worth", "Above the cap", "Grade")
            parts.append(_table(told, volumes))
        if note:
            parts.append(note)
    return "\n\n".join(parts)


def _answers(results: Results, words: Words) -> str:
    """Two answers side by side."""
    answers = results["answers"].set_index("answer")
    names = {answer: words.text(f"sanctions.answer_{answer}") for answer in answers.index}
    first, second = answers.index[:2]

    def both(column: str) -> tuple[str, str]:
        return words.money(answers.at[first, column]), words.money(answers.at[second, column])

    rows = [
        ("Stops until", *(f"{answers.at[a, 'last']:%Y-%m-%d}" for a in (first, second))),
        ("Unserved", *(_short(results, words, a) for a in (first, second))),
        ("Cost beyond the plan", *both("cost")),
        ("Kazakhstan loses", *both("home")),
    ]
    for table, key, label in (
        ("answers.countries", "country", words.country),
        ("answers.companies", "name", str),
    ):
        frame = results[table].pivot_table(
            index=key, columns="answer", values=results[table].columns[-1], sort=False
        )
        frame = frame.reindex(columns=[first, second]).fillna(0.0)
        frame = frame.reindex(frame.abs().max(axis=1).sort_values(ascending=False).index).head(8)
        what = "loses" if key == "country" else "earns"
        rows += [
            (f"{label(name)} {what}", words.money(row[first]), words.money(row[second]))
            for name, row in frame.iterrows()
            if not (key == "country" and name == "KZ")
        ]
    stops = [
        (row.name, row.authority, f"{row.start:%Y-%m-%d}", f"{row.end:%Y-%m-%d}", f"{100 * row.share:.3g} %")
        for row in results["stops"].itertuples(index=False)
    ]
    parts = [
        "## Two answers side by side",
        f"What stops in the {DAYS} days, by the calendar of the case:",
        _table(("What", "Authority", "From", "To", "Share"), stops),
        _table(("", names[first], names[second]), rows),
        "A country that loses less than nothing gains. Companies: what their plants and links earn more or less at the prices of the plan.",
    ]
    return "\n\n".join(parts)


def _of_2025(results: Results, later: Results, words: Words) -> str:
    """The same question of the case moved to 2025, beside that of 2024."""
    rows = []
    for answer in results["answers"]["answer"]:
        both = [frame["answers"].set_index("answer").loc[answer] for frame in (results, later)]
        name = words.text(f"sanctions.answer_{answer}")
        rows.append((f"{name}: cost", *(words.money(one["cost"]) for one in both)))
        rows.append((f"{name}: Kazakhstan loses", *(words.money(one["home"]) for one in both)))
    return "\n\n".join(
        [
            "The same with flows and prices of 2025, as `kelisim year reference 2025` makes them by factors and by its events:",
            _table(("", "Case of 2024", "Case of 2025"), rows),
        ]
    )


def _short(results: Results, words: Words, answer: str) -> str:
    rows = results["answers.unserved"]
    rows = rows[rows["answer"] == answer]
    told = [
        f"{words.amount(r.unserved, r.carrier)} of {words.carrier_in_text(r.carrier)}"
        for r in rows.itertuples(index=False)
    ]
    return ", ".join(told) or "nothing"


def _tail() -> str:
    return (
        "## What this does not say\n\n"
        "Rules bind those whom their authority binds; what follows is computed as if everybody kept to them. "
        "Of oil that mixes, such as the Russian part of CPC Blend, nothing is "
        "stopped: its volume and what the caps would take off are told. "
        "By months what happens within a month is its mean; with `--step 1d` the same command answers by days. "
        "Grade C rests on memory, and is to be checked before anything rests on it. "
        "How it is computed stands on the page of [the study](../studies/sanctions.md).\n\n"
        "*This page is written by `python -m tools.october_2025`.*"
    )


def main() -> None:
    PAGE.write_text(page(Engine(reference())), encoding="utf-8")
    print(f"written: {PAGE.relative_to(PAGE.parents[2])}")


if __name__ == "__main__":
    main()
