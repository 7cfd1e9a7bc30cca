"""The page of a border: sentences, three numbers, tables, bars, and a map with the regions marked."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from kelisim.report.bars import bars
from kelisim.report.drawing import Map, draw
from kelisim.report.figure import Figure, nothing
from kelisim.report.frames import family_units, scale_of
from kelisim.report.layout import Layout, bends, link_points, place_points, view_of, way_of
from kelisim.report.let_go import several_parts
from kelisim.report.maps import regions_of, width_legend
from kelisim.report.numbers import SMALLER, text_of
from kelisim.report.page import MOST_ROWS, KeyNumber, Page, Part, key_number, made_page, part
from kelisim.report.scene import Dot, DrawnLine, Layer, Scene, look_of
from kelisim.report.table import Row, records, view
from kelisim.report.words import Words
from kelisim.results.facts import Fact, facts_of, said
from kelisim.results.let_go import TABLE
from kelisim.results.regions import Regions
from kelisim.results.results import Results
from kelisim.results.weakest import leaning, weakest
from kelisim.studies.border.facts import REGION, cover, ranked
from kelisim.studies.helping import BESIDE
from kelisim.tolerances import ROUNDING, SMALL_ENERGY, SMALL_SHARE

MOST_SHARES, MOST_LOSSES = 14, 12  # bars
# columns of the tables
EVERYWHERE = "carriers"  # the table whose rows let a carrier go at any place
HURTS = (
    *("region:region", "carrier:carrier_name", "share_with_fuel:bar", "supply:text", "n1_value:millions"),
    *("closed_value:millions", "-cover:by protected_days", "hit:share"),
)
REGIONS = (
    *("carrier:carrier_name", "use_day:amount carrier", "share_across_now:bar", "-share_with_fuel:share"),
    *("-stock_days:finite", "-stock_norm_days:number", "cover:by protected_days", "-supply:element"),
    *("-largest_share:share", "n1_value:millions", "-instead:text", "-alternative_cost:number"),
    *("-n1_formula:share", "-heat:text", "-grade:grade"),
)
LOSSES = (
    *("region:region", "supply:text", "short_carrier:carrier_name", "-who:text", "-protected:yes"),
    *("size:amount short_carrier", "rate:bar", "-days_served:finite"),
)
AGREEMENTS = (
    *("region:region", "carrier:carrier_name", "text", "agreement:row agreements", "-signed:date"),
    *("-until:text", "is_in_force:yes", "-grade:grade"),
)


def page(results: Results, words: Words) -> Page:
    """The page of the answer."""
    shown = _BorderPage(results, words)
    drawn = shown.map()
    told = {key: words.say(fact) for key, fact in facts_of(results["facts"]).items()}
    by_region = {key[len(REGION) :]: text for key, text in told.items() if key.startswith(REGION)}
    return made_page(
        results,
        words,
        shown.parts(by_region),
        shown.key_numbers(),
        sentences=tuple(text for key, text in told.items() if not key.startswith(REGION)),
        map=drawn,
        map_title=shown.text("map.title" if drawn else "map.none"),
        grades=shown.grades(),
    )


class _BorderPage:
    """Numbers, tables, bars and map of one answer.

    period  days looked at and the first of them, which most texts name
    rows    of the table `border`, with cover and supply as parts of sentences
    """

    def __init__(self, results: Results, words: Words) -> None:
        self.results, self.words = results, words
        self.period = {"days": results.fields["days"], "start": results.fields["start"]}
        frame = results["border"]
        self.rows = frame.assign(
            cover=[self._cover(row) for row in records(frame)],
            hung=frame["share_across_now"] * frame["use_day"],
            gwh=frame["n1_unserved"] * 1e-3,
            whole=_whole(frame["largest"], frame["supply"]),
        )

    def text(self, key: str, **places: Any) -> str:
        return self.words.text(f"border.{key}", **self.period | places)

    def _cover(self, row: Row) -> Fact:
        return cover(self.words.case, float(row["protected_days"]), float(row["stock_days"]))

    def _end(self, row: Row) -> Fact | str:
        """Days of cover behind a share, where they are limited."""
        return (
            said("border.regions.end_cover", cover=row["cover"])
            if math.isfinite(row["protected_days"])
            else ""
        )

    # ---- numbers
    def key_numbers(self) -> list[KeyNumber]:
        """Supplied, least cover, worst loss."""
        return [self._short(), self._least_cover(), self._worst_loss()]

    def _number(self, key: str, is_alarm: bool = False, **places: Any) -> KeyNumber:
        return key_number(self.words, f"border.numbers.{key}", is_alarm, **self.period | places)

    def _short(self) -> KeyNumber:
        short = self.rows[self.rows["unserved_now"] > SMALL_ENERGY]
        if short.empty:
            return self._number("none_short", count=self.rows["region"].nunique())
        gwh = float(self.rows["unserved_now"].sum()) * 1e-3
        return self._number("short", True, gwh=gwh, count=short["region"].nunique())

    def _least_cover(self) -> KeyNumber:
        covered = self.rows[np.isfinite(self.rows["protected_days"])].sort_values(
            "protected_days", kind="stable"
        )
        return self._number("cover", True, **records(covered)[0]) if len(covered) else self._number("no_cut")

    def _worst_loss(self) -> KeyNumber:
        worst = weakest(leaning(self.rows), "n1_value")
        return self._number("none_lost") if worst is None else self._number("lost", True, **worst.to_dict())

    def grades(self) -> list[tuple[str, str, int, float]]:
        """Rows of the table by the worst grade behind them: grade, words, rows, share."""
        counts = self.rows["grade"].map(text_of).value_counts()
        return [
            (
                grade,
                self.words.text(f"grades.{grade or 'none'}"),
                int(counts[grade]),
                counts[grade] / counts.sum(),
            )
            for grade in ("A", "B", "C", "")
            if counts.get(grade, 0)
        ]

    # ---- tables
    def parts(self, by_region: dict[str, str]) -> list[Part]:
        """What follows the first page: what hurts most, a section for each region, losses, help, agreements."""
        words = self.words
        shares, losses = self._share_bars(), self._loss_bars()
        every = ranked(self._regions())
        rows = pd.concat([own for _, own in every]) if every else self.rows.head(0)
        first = rows.sort_values("hurt", ascending=False, kind="stable") if len(rows) else rows
        first = first.assign(hit=self._hit(first))
        first = first.assign(supply=[self.text("hurts.lost", **row) for row in records(first)])
        hurts = view(words, first, "border.hurts", *HURTS, most=MOST_ROWS, **self.period)
        sections = [self._section(region, own, by_region.get(region, "")) for region, own in every]
        left = self.rows["region"].nunique() - len(every)
        beside = (self.text("regions.left_out", count=left),) if left else ()
        lost = view(words, self._lost(), "border.losses", *LOSSES, told=False, **self.period)
        deals = view(words, self._deals(), "border.agreements", *AGREEMENTS, told=False, **self.period)
        return [
            part(words, "border.hurts", losses, hurts, sentences=beside),
            part(words, "border.regions", shares),
            *sections,
            part(words, "border.losses", lost),
            *self._help(),
            *self._let_go(),
            part(words, "border.agreements", deals),
        ]

    def _hit(self, rows: pd.DataFrame) -> pd.Series:
        """Share of its use that the class hit hardest lacks, without the largest supply or with the border closed."""
        closed = self.results["border.closed"].groupby(["region", "carrier"])["rate"].max()
        keys = pd.MultiIndex.from_frame(rows[["region", "carrier"]])
        shut = closed.reindex(keys).fillna(0.0).to_numpy()
        return pd.Series(np.maximum(rows["n1_rate"].to_numpy(), shut), index=rows.index)

    def _section(self, region: str, rows: pd.DataFrame, said_of_it: str) -> Part:
        """One region: what it lives on, and what it is worth."""
        notes = self.text("regions.notes")
        places = {"region": region, **self.period}
        shown = view(self.words, rows, "border.regions", *REGIONS, notes=notes, told=False, **places)
        assert shown is not None
        return Part(
            self.words.region(region), f"region-{region}", (shown,), "", (said_of_it,) if said_of_it else ()
        )

    def _help(self) -> list[Part]:
        """Each loss under planned and agreed help, with the helpers; the largest difference first."""
        frame = self.results["border.help"]
        if frame.empty:
            return []
        closed = frame["question"] == "closed"
        lost = [
            self.text("help.closed", **row) if is_closed else self.text("help.largest", **row)
            for row, is_closed in zip(records(frame), closed, strict=True)
        ]
        names = {
            f"{rule}_helpers": [
                ", ".join(map(self.words.country, one.split(";"))) if one else ""
                for one in frame[f"{rule}_helpers"]
            ]
            for rule in BESIDE
        }
        frame = frame.assign(lost=lost, change=(frame["planned"] - frame["agreed"]).abs(), **names)
        frame = frame.sort_values(["change", "planned"], ascending=False, kind="stable")
        columns = "region:region, carrier:carrier_name, lost:text, planned:some_energy, planned_helpers:text, agreed:some_energy, agreed_helpers:text"
        return [part(self.words, "border.help", view(self.words, frame, "border.help", columns, told=False))]

    def _let_go(self) -> list[Part]:
        """What each loss lets go beyond the plan, where that is not allowed everywhere: heat and power that nobody takes harm nobody."""
        if TABLE not in self.results:
            return []
        frame = self.results[TABLE]
        frame = frame[frame["by"] != EVERYWHERE]
        what = [
            self.text(
                f"let_go.{row['question']}",
                **{"carrier" if row["question"] == "closed" else "element": row["lost"]},
            )
            for row in records(frame)
        ]
        return several_parts(self.words, frame.assign(what=what), "border.let_go", "what:text")

    def _regions(self) -> pd.DataFrame:
        """Regions and carriers, those that hang most on the other side first."""
        names, hangs = self.words.place, self.rows["heat_share"] > SMALL_SHARE
        heat = ["; ".join(map(names, ids.split(";"))) if ids else "" for ids in self.rows["heat_at"]]
        nothing_else = self.text("regions.nothing")
        frame = self.rows.assign(
            order=self.rows["protected_days"].fillna(np.inf),
            heat=pd.Series(heat, index=self.rows.index, dtype=object).where(hangs, ""),
            instead=[self.words.label(one) if one else nothing_else for one in self.rows["alternative"]],
        )
        keys = ["order", "hung", "use_day"]
        return frame.sort_values(keys, ascending=[True, False, False], kind="stable")

    def _lost(self) -> pd.DataFrame:
        """Who goes short without the largest supply."""
        frame = self.results["border.n1"]
        frame = frame.assign(size=frame["unserved"] + frame["less_taken"])
        frame = frame.assign(whole=_whole(frame["element"], frame["supply"]))
        frame = frame[frame["size"] > SMALL_ENERGY]
        buyer = self.text("losses.buyer")
        who = [
            buyer if row["less_taken"] > 0 else self.words.customers(row["customer_class"])
            for row in records(frame)
        ]
        supply = [self.text("losses.lost", **row) for row in records(frame)]
        frame = frame.assign(who=who, supply=supply)
        return frame.sort_values(["protected", "size"], ascending=False, kind="stable")

    def _deals(self) -> pd.DataFrame:
        """Agreements behind the supply of regions, those in force first."""
        frame = self.results["border.provisions"]
        texts = self.words.table("provisions").set_index("provision")["text"]
        no_end = self.text("agreements.no_end")
        until = [no_end if pd.isna(day) else f"{day:%Y-%m-%d}" for day in frame["in_force_until"]]
        frame = frame.assign(text=frame["provision"].map(texts), until=until)
        return frame.sort_values("is_in_force", ascending=False, kind="stable")

    # ---- charts
    def _share_bars(self) -> Figure:
        """Share from across by region and carrier, those first on which most energy hangs."""
        rows = self.rows[self.rows["share_across_now"] > SMALL_SHARE]
        rows = rows.sort_values("hung", ascending=False, kind="stable").head(MOST_SHARES)
        rows = rows.assign(cover=[self._end(row) for row in records(rows)])
        return self._bars("regions", rows, rows["share_across_now"] * 100)

    def _loss_bars(self) -> Figure:
        """What customers lack in each region without its largest supply of a carrier."""
        rows = leaning(self.rows[self.rows["n1_unserved"] > SMALL_ENERGY])
        rows = rows.sort_values("n1_value", ascending=False, kind="stable")
        rows = rows.drop_duplicates(["region", "largest"]).head(MOST_LOSSES)
        rows = rows.assign(protected=rows["n1_protected"] / rows["n1_unserved"])
        return self._bars("losses", rows, rows["n1_value"] * 1e-6)

    def _bars(self, key: str, rows: pd.DataFrame, values: pd.Series) -> Figure:
        if rows.empty:
            return nothing(self.text(f"{key}.bars_none"))
        every = records(rows)
        names, ends = ([self.text(f"{key}.{one}", **row) for row in every] for one in ("bar", "end"))
        colours = [self.words.colour(c) for c in rows["carrier"]]
        title, axis = self.text(f"{key}.bars", **every[0]), self.text(f"{key}.axis")
        return bars(title, names, values.tolist(), ends, colours, axis)

    # ---- map
    def map(self) -> Map | None:
        """Flows over the border, and the regions on it: a ring where one goes short without its largest supply."""
        words, links = self.words, self.results["border.links"]
        if links.empty or self.rows.empty:
            return None
        links = links.assign(family=links["carrier"].map(words.family), size=links["flow"].abs())
        rows = self.rows.assign(family=self.rows["carrier"].map(words.family))
        spots = dict(zip(rows["region"], rows["region"].map(Regions(words.case).place), strict=True))
        ends = list(zip(links["from_place"], links["to_place"], strict=True))
        places = words.table("places")
        used = {end for pair in ends for end in pair} | set(spots.values())
        here = places[places["place"].isin(used)]
        layout = place_points(here, ends, [(spot, spot) for spot in spots.values()])
        layers = [
            self._layer(layout, links[links["family"] == one], rows[rows["family"] == one], one, spots)
            for one in words.families(rows["carrier"])
        ]
        covered = rows[np.isfinite(rows["protected_days"]) & (rows["share_across_now"] > SMALL_SHARE)]
        by_family = rows["hung"].groupby(rows["family"]).sum()
        least = covered.sort_values("protected_days", kind="stable")["family"]
        front = str(least.iloc[0]) if len(covered) else str(by_family.idxmax())
        title = next(layer.sentence for layer in layers if layer.key == front)
        known = frozenset(words.countries.values())
        regions = regions_of(words, layout)
        return draw(
            Scene(title, layers, front, layout.lens, layout.whole, known, True, layout.notes, regions)
        )

    def _layer(
        self, layout: Layout, links: pd.DataFrame, rows: pd.DataFrame, family: str, spots: dict[str, str]
    ) -> Layer:
        words = self.words
        units = family_units(words, [*links["carrier"], *rows["carrier"]])
        unit = units.get(family, "TWh")
        more, shown = (1e3, SMALLER[unit]) if unit in SMALLER else (1.0, unit)
        links = links[links["from_place"].isin(layout.points) & links["to_place"].isin(layout.points)]
        scales = {c: scale_of(words, c, units) * more for c in {*links["carrier"], *rows["carrier"]}}
        links = links.assign(amount=links["size"] * links["carrier"].map(scales).astype(float))
        groups = [group for _, group in links.groupby(["from_place", "to_place"], sort=True)]
        largest = max((float(group["amount"].sum()) for group in groups), default=0.0)
        pairs = [(str(g["from_place"].iloc[0]), str(g["to_place"].iloc[0])) for g in groups]
        routes = dict(zip(words.table("links")["link"], words.table("links")["route"], strict=True))
        lines = []
        bent = bends(pairs, layout.points, [False] * len(pairs))
        for group, (start, end), bend in zip(groups, pairs, bent, strict=True):
            first = group.sort_values("amount", ascending=False, kind="stable").iloc[0]
            way = way_of(first["link"], routes.get(first["link"]), layout.lens)
            points = link_points(layout.points[start], layout.points[end], bend, way)
            lines.append(self._line(group, first, points, largest, shown))
        dots = [
            self._dot(layout.points[spots[str(region)]], own, spots[str(region)])
            for region, own in rows.groupby("region", sort=True)
            if spots[str(region)] in layout.points
        ]
        name = words.family_name(family)
        sentence = self.text(
            "map.layer",
            family=name,
            links=sum(line.look not in ("idle", "out") for line in lines),
            regions=len(dots),
            short=sum(dot.unserved > 0 for dot in dots),
        )
        seen = view_of([np.array([dot.x, dot.y]) for dot in dots], [1] * len(dots))
        colour, legend = words.family_colour(family), width_legend(largest, shown)
        return Layer(family, name, colour, lines, dots, legend, sentence, seen)

    def _line(self, group: pd.DataFrame, first: Any, points: Any, largest: float, unit: str) -> DrawnLine:
        words, amount = self.words, float(group["amount"].sum())
        loading = min(float(group["loading"].sum()), 1.0)
        is_used, towards_first = amount > ROUNDING, bool(first["flow"] >= 0)
        home, other = (str(code) for code in self.results.fields["countries"])
        start, end = (other, home) if towards_first else (home, other)
        flow = self.text("map.flow_of", amount=amount, unit=unit) if is_used else self.text("map.no_flow")
        rows = [(self.text("map.flow"), flow)]
        if is_used:
            rows.append((self.text("map.way"), self.text("map.way_of", start=start, end=end)))
        rows.append((self.text("map.loading"), words.text("{share:share}", share=loading)))
        carriers = ", ".join(dict.fromkeys(words.carrier(c) for c in group["carrier"]))
        forward = towards_first == (words.country_of(first["to_place"]) == home)
        width = math.sqrt(amount / largest) if largest > 0 else 0.0
        card = (words.link(first["link"]), carriers, rows, "")
        look = look_of(amount, loading, False, ROUNDING)
        arrows = (1 if forward else -1,) if is_used else ()
        return DrawnLine(points, width, look, card, arrows, str(first["link"]))

    def _dot(self, point: Any, own: pd.DataFrame, place: str) -> Dot:
        region = str(own["region"].iloc[0])
        name = self.words.region(region)
        rows = []
        for row in records(own, "use_day"):
            use = self.text("map.use", **row | {"cover": self._end(row)})
            rows.append((self.words.carrier(row["carrier"]), use))
            if row["n1_rate"] > 0:
                rows.append((self.text("map.without", **row), self.text("map.lost", **row)))
        size = 2 if float(own["hung"].sum()) > 0.5 * float(own["use_day"].sum()) else 1
        card = (name, self.words.country(own["country"].iloc[0]), rows, "")
        rate = float(own["n1_rate"].max())
        return Dot(float(point[0]), float(point[1]), size, False, rate, name, card, place, region)


def _whole(lost: pd.Series, supply: pd.Series) -> list[Fact | str]:
    """What stands behind the name of a supply: with a track all is lost that it carries."""
    return [said("border.whole") if one != other else "" for one, other in zip(lost, supply, strict=True)]
