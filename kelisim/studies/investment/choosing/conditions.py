"""Limits between projects: a budget, what needs another project, and of what at most one is built."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from kelisim.case import schema
from kelisim.lp.problem import INF, Floats

Limit = tuple[Floats, float, float]  # weights of the projects, least, most


@dataclass(frozen=True)
class Conditions:
    """What a plan has to meet.

    budget  most that can be invested, currency
    needs   project -> those without which it cannot be built
    apart   of each of these at most one is built
    more    further limits
    """

    budget: float = INF
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    apart: tuple[frozenset[str], ...] = ()
    more: tuple[Limit, ...] = ()

    def limits(self, projects: Sequence[str], capex: Floats) -> list[Limit]:
        """Limits on what is built; an investment that is not known counts for nothing."""
        found: list[Limit] = []
        for project, others in self.needs.items():
            for other in others:
                weights = np.array([float(one == other) - float(one == project) for one in projects])
                found.append((weights, 0.0, INF))
        for some in self.apart:
            found.append((np.array([float(one in some) for one in projects]), -INF, 1.0))
        if np.isfinite(self.budget):
            found.append((np.nan_to_num(capex), -INF, self.budget))
        return [*found, *self.more]

    def lacks(self, project: str, built: Collection[str]) -> list[str]:
        """What a project needs and the plan has not."""
        return [other for other in self.needs.get(project, ()) if other not in built]

    def bars(self, project: str, built: Collection[str]) -> list[str]:
        """What the plan has of which only one can be built."""
        sharing = [some for some in self.apart if project in some]
        return [other for other in built if other != project and any(other in some for some in sharing)]


def needs_of(texts: Sequence[str], projects: Sequence[str], wrong: list[str]) -> dict[str, tuple[str, ...]]:
    """What needs what, from project=other+other; what cannot be read goes into `wrong`."""
    found: dict[str, tuple[str, ...]] = {}
    for text in texts:
        project, given, rest = text.partition("=")
        others = tuple(other.strip() for other in rest.split("+") if other.strip())
        if not given or not others:
            wrong.append(f'needs: "{text}" is not project=other, or project=other+other.')
            continue
        wrong += unknown("needs", [project.strip(), *others], projects)
        if project.strip() in others:
            wrong.append(f'needs: "{text}" names a project that needs itself.')
        found[project.strip()] = found.get(project.strip(), ()) + others
    return found


def alternatives_of(
    texts: Sequence[str], projects: Sequence[str], wrong: list[str]
) -> tuple[frozenset[str], ...]:
    """Of what at most one is built, from project+project; what cannot be read goes into `wrong`."""
    found = []
    for text in texts:
        some = [one.strip() for one in text.split("+") if one.strip()]
        if len(set(some)) < 2:
            wrong.append(f'alternatives: "{text}" does not name two projects, as project+project.')
            continue
        wrong += unknown("alternatives", some, projects)
        found.append(frozenset(some))
    return tuple(found)


def unknown(name: str, some: Sequence[str], projects: Sequence[str]) -> list[str]:
    """What is wrong with projects that a field names, with the nearest of those asked about."""
    wrong = []
    for one in some:
        if one not in projects:
            near = schema.nearest(one, projects)
            hint = f' Did you mean "{near}"?' if near else f" Known: {schema.some(projects)}."
            wrong.append(f'{name}: "{one}" is none of the projects asked about.{hint}')
    return wrong
