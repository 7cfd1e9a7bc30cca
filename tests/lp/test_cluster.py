"""Workers of a real scheduler: the same answers to the last digit, also where one ends in the middle, and what does not fit is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.dask_here import dask_here
from kelisim.engine import Engine
from kelisim.engine.working import Place
from kelisim.errors import ClusterError
from kelisim.lp.cluster import by_same_version, connected
from kelisim.results.results import Results
from kelisim.studies.study import create
from tests.cases.border import steppe


class Counting:
    """Counts what is kept, and does something after a few."""

    def __init__(self, after: int, does: Callable[[], None]) -> None:
        self.asked: list[tuple[str, int]] = []
        self.kept: list[tuple[str, int]] = []
        self._after, self._does = after, does

    def begin(self, loop: str, count: int) -> None:
        self.asked += [(loop, at) for at in range(count)]

    def known(self, loop: str, keys: Sequence[str]) -> dict[int, Any]:
        return {}

    def keep(self, loop: str, at: int, key: str, answer: Any, row: Any) -> None:
        self.kept.append((loop, at))
        if len(self.kept) == self._after:
            self._does()

    def flush(self) -> None:
        pass


def asked(place: Place) -> Results:
    study = create("contingency", {"pairs": -1, "place_rule": "cooperative"})
    return study.run(Engine(steppe(), cache=False, place=place))


def test_a_worker_that_ends_in_the_middle(tmp_path: Path) -> None:
    """A machine of the cluster goes down at night: the others do its pieces, nothing is lost and nothing is done twice."""
    alone = Counting(0, lambda: None)
    here = asked(Place(alone))
    with dask_here(2) as dask:
        with connected(dask.address) as cluster:
            assert cluster is not None
            cluster.wait(2)
            counting = Counting(5, lambda: dask.kill(0))
            there = asked(Place(counting, cluster))
            cluster.look()
            assert cluster.size == 1
        assert sorted(counting.kept) == sorted(counting.asked) == sorted(alone.asked)
        assert len(counting.kept) > 20
        for name in here.names:
            pd.testing.assert_frame_equal(there[name], here[name], check_exact=True)
        other = tmp_path / "kelisim-0.0.9.dist-info"
        other.mkdir()
        (other / "METADATA").write_text("Metadata-Version: 2.1\nName: kelisim\nVersion: 0.0.9\n")
        dask.kill(1)
        with pytest.raises(
            ClusterError, match=r"no worker came to tcp:.* within 0.2 s. Start some: dask worker"
        ):
            connected(dask.address, 0.2).__enter__()
        dask.start(1, path=str(tmp_path))
        with pytest.raises(ClusterError, match=r"tcp:\S+ has kelisim 0.0.9, here "):
            connected(dask.address).__enter__()


def test_a_worker_that_came_later_says_its_version() -> None:
    with pytest.raises(ClusterError, match="what asks it is 9"):
        by_same_version("9.9", b"", ())
