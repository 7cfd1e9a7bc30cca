"""LICENCES.md: what must be credited, and the terms of the sources in short."""

from __future__ import annotations

from collections import Counter

HEAD = """# Licences of the reference case

The tables of this folder are offered under CC BY 4.0. They hold facts and figures with their source; no
text, table or map of a source with other terms is reproduced.

## Credit lines to carry

- Global Energy Monitor, Global Gas Infrastructure Tracker, December 2023 release; routes of April 2026;
  Global Oil and Gas Plant Tracker, August 2024 release. CC BY 4.0. Modified. (`geo/routes.geojson`: cut to
  links, thinned; capacities, lengths and diameters of gas pipelines.)
- pypsa-kz-data authors, CC BY 4.0. (Power plants, regional demand, monthly demand, exchanges of 2021-23.)
- Our World in Data, based on Ember, CC BY 4.0. (Yearly power balances.)
- Made with Natural Earth. (`geo/countries.geojson`, `geo/lakes.geojson`, `geo/regions.geojson`: public domain;
  clipped and simplified. Natural Earth has the regions of before 2018: Turkistan and Shymkent, Abai, Zhetysu and
  Ulytau are drawn around their places of this case, which are not their administrative borders. Crimea is drawn with Ukraine
  as in United Nations General Assembly resolution 68/262.)

## Terms of the cited sources

Figures only were taken from press pages and from company and government pages. Each source stands in
`sources.csv` with its terms. Number of cited sources by terms:

| terms | sources |
| --- | --- |
"""
FOOT = """
Sources without stated terms, and those named as general knowledge, lend single figures of grade C.
Figures that go back to UN Comtrade are single values; its data are not redistributed.
"""


def text(sources: list[dict[str, str]]) -> str:
    """The page, with the cited sources counted by their terms."""
    counts = Counter(row["licence"] or "not stated" for row in sources)
    lines = [
        f"| {terms} | {count} |"
        for terms, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    return HEAD + "\n".join(lines) + "\n" + FOOT
