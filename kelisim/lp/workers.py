"""Processes that solve for another one, and end with it however it ends."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager

_AT_DEATH = 1  # PR_SET_PDEATHSIG of prctl(2)


@contextmanager
def processes(count: int) -> Iterator[Executor | None]:
    """So many processes that solve at the same time; None for a single one, which needs no other than this."""
    if count < 2:
        yield None
        return
    # a fork of a process with threads can hang
    context = multiprocessing.get_context("spawn")
    others = set(multiprocessing.active_children())
    with ProcessPoolExecutor(count, context, _begin) as pool:
        try:
            yield pool
        except KeyboardInterrupt:  # what is being solved may take minutes
            for one in set(multiprocessing.active_children()) - others:
                one.kill()
            raise


def _begin() -> None:
    """First act of a worker: Ctrl-C is for the one that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()


def end_with_parent(whole_group: bool = False) -> None:
    """First act of a process: it ends with the one that started it, also where that was killed and could tell nobody.

    whole_group  so do the others of its group
    """
    threading.Thread(target=_follow, args=(whole_group,), daemon=True).start()
    if sys.platform == "linux":  # at once, where a long call keeps the thread from its turn
        ctypes.CDLL(None).prctl(_AT_DEATH, signal.SIGKILL)
        parent = multiprocessing.parent_process()
        if parent is not None and os.getppid() != parent.pid:  # it ended before it could be followed
            os._exit(1)


def _follow(whole_group: bool) -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()  # returns too where it was killed
        if whole_group and hasattr(os, "killpg"):
            os.killpg(0, signal.SIGKILL)
        os._exit(1)
