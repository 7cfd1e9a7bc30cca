"""Long commands: a line that says how far they are, and what happens where they stop in the middle."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shlex import join, quote
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kelisim.case.case import Case
    from kelisim.engine import Engine
    from kelisim.lp.work import Cluster
    from kelisim.results.facts import Fact
    from kelisim.results.results import Results
    from kelisim.results.unfinished import Journal
    from kelisim.studies.study import Study

STOPPED = 130  # exit code after Ctrl-C
PAUSE = 5.0  # seconds between two lines where they are kept
SURE = 1.0  # seconds from which the time left is said
ProgressOption = Annotated[
    bool,
    typer.Option("--progress", help="Say how far it is, line by line, also where nobody watches a terminal."),
]
ResumeOption = Annotated[
    str,
    typer.Option("--resume", help="Go on with an unfinished run, by its folder or name; what is done in it is not done again."),
]  # fmt: skip
NOT_ASKED = ("workers",)  # fields that change nothing but the time it takes


# ---- how far it is
@contextmanager
def progress(title: str, lines: bool = False, silent: bool = False) -> Iterator[Callable[[str], None]]:
    """A line on the terminal that says what is happening; silent where nobody watches.

    lines   a line of its own for each word, where there is no terminal
    silent  nothing at all, as what is printed is for a program
    """
    if silent or not (lines or sys.stderr.isatty()):
        yield lambda _text: None
        return
    if not sys.stderr.isatty():
        yield _lines(title)
        return
    from rich.console import Console
    from rich.text import Text  # what stands in brackets in a name is no markup

    with Console(stderr=True).status(Text(title)) as status:
        yield lambda text: status.update(Text(f"{title}: {text}"))


def _lines(title: str) -> Callable[[str], None]:
    last = -PAUSE

    def say(text: str) -> None:
        nonlocal last
        if time.monotonic() - last >= PAUSE:
            last = time.monotonic()
            typer.echo(f"{title}: {text}", err=True)

    return say


def notice(text: str) -> None:
    """A line that stays to be read."""
    typer.echo(text, err=True)


def listener(case: Case, say: Callable[[str], None]) -> Callable[[Fact], None]:
    """Tells what an engine is doing, with the time left where it counts."""
    from kelisim.report.words import Words

    words, begun = Words(case), dict[str, tuple[float, int]]()

    def listen(fact: Fact) -> None:
        text = words.say(fact)
        if fact.say.startswith("notice."):
            notice(text)
            return
        done, of = fact.places.get("done"), fact.places.get("of")
        if isinstance(done, int) and isinstance(of, int):
            now = time.monotonic()
            if fact.say not in begun or done < begun[fact.say][1]:
                begun[fact.say] = now, done
            since, first = begun[fact.say]
            if done > first and now - since >= SURE:
                left = (now - since) / (done - first) * (of - done)
                unit, size = ("s", 1) if left < 100 else ("min", 60) if left < 6000 else ("h", 3600)
                text = words.text(f"pieces.left.{unit}", text=text, left=round(left / size))
        say(text)

    return listen


# ---- workers elsewhere
@contextmanager
def workers_at(cluster: str, study: Study) -> Iterator[Cluster | None]:
    """The workers of a cluster; None without one.

    cluster  address of its scheduler

    Raises UserError where the study has no pieces that could be shared; ClusterError as `kelisim.lp.cluster.connected`.
    """
    if not cluster:
        yield None
        return
    from kelisim.errors import UserError
    from kelisim.lp.cluster import connected
    from kelisim.studies.study import find, names

    if not _shares(type(study)):
        known = ", ".join(name for name in names() if _shares(find(name)))
        raise UserError(
            f"--cluster: {study.name} is one piece of work. These are shared among workers: {known}."
        )
    with connected(cluster) as found:
        yield found


def _shares(study: type[Study]) -> bool:
    from dataclasses import fields

    return any(one.name == "workers" for one in fields(study))


# ---- a run that may stop
@dataclass
class Sitting:
    """One go at a run: its folder, and what is kept there while it is done.

    folder  of the run
    again   the words of the command
    """

    folder: Path
    again: list[str]
    journal: Journal | None = field(default=None)

    def keeper(self, study: Study, engine: Engine) -> Journal:
        """Who keeps the pieces of a study. Raises RunError where the folder holds pieces of another question."""
        from importlib.metadata import version

        from kelisim import __version__
        from kelisim.results.store import plain
        from kelisim.results.unfinished import FORMAT, Journal

        names = ("highspy", "numpy", "pandas", "scipy")
        asked = {
            "format": FORMAT,
            "study": study.name,
            "fields": {name: value for name, value in study.values().items() if name not in NOT_ASKED},
            "case": {"name": engine.case.name, "fingerprint": engine.case.fingerprint},
            "rules": vars(engine.rules),
            "versions": {"kelisim": __version__, **{name: version(name) for name in names}},
            "words": self.again,
        }
        self.journal = Journal(self.folder, plain(asked))
        return self.journal

    def save(self, results: Results) -> Path:
        """The finished run in the place of what was kept."""
        from dataclasses import replace

        if self.journal is not None and (self.journal.kept or self.journal.reused):
            results = replace(results, meta={**results.meta, "pieces": self.journal.about})
        return results.save(self.folder.parent, self.folder.name, force=True)

    def told(self) -> str:
        """What is done, and how to go on with it; empty where nothing is kept."""
        from kelisim.results.unfinished import is_unfinished, unfinished

        if self.journal is not None:
            self.journal.flush()
        if not is_unfinished(self.folder):
            return ""
        found = unfinished(self.folder)
        return (
            f"{found.done:,} of {found.all:,} are done and kept in {self.folder}. "
            f"Go on with: {command_again(self.again, self.folder)}"
        )


@contextmanager
def sitting(folder: Path, about: str, again: list[str], goes_on: bool) -> Iterator[Sitting]:
    """A go at a run whose folder nobody else works on; what is done stays where it stops, and the way on is said.

    goes_on  with what is kept there; else it is taken away

    Raises RunError where another process works on the folder; typer.Exit with STOPPED after Ctrl-C.
    """
    from kelisim.errors import KelisimError, UserError
    from kelisim.results.known_runs import remember
    from kelisim.results.unfinished import claimed, forget, is_unfinished

    with claimed(folder, about):
        if not goes_on:
            forget(folder)
        one = Sitting(folder, again)
        try:
            yield one
        except KeyboardInterrupt:
            text = one.told()
            typer.echo(f"Stopped. {text or 'Nothing was done yet that could be kept.'}", err=True)
            raise typer.Exit(STOPPED) from None
        except (KelisimError, OSError) as error:
            text = (
                "" if isinstance(error, UserError) and not (one.journal and one.journal.kept) else one.told()
            )
            if text:
                typer.echo(text, err=True)
            raise
        finally:
            if is_unfinished(folder):
                remember(folder)


def place_of(out: Path | None, resume: str, force: bool) -> Path | None:
    """The folder of a run where it is known before the case; looked at before the work.

    Raises UserError, RunError where nothing can be written there or gone on with.
    """
    from kelisim.cli.options import must_be_folder
    from kelisim.errors import RunError, UserError
    from kelisim.results.known_runs import HEAD
    from kelisim.results.store import must_be_free, must_be_writable, runs_folder
    from kelisim.results.unfinished import is_unfinished, must_be_alone

    if resume and out:
        raise UserError("--resume: it goes on in its own folder; leave --out away.")
    if resume:
        folder = next((one for one in (Path(resume), runs_folder() / resume) if one.is_dir()), None)
        if folder is None:
            raise RunError(f'--resume: no folder "{resume}", here or in {runs_folder()}.')
        if not is_unfinished(folder):
            done = (folder / HEAD).is_file()
            raise RunError(
                f'--resume: the run in "{folder}" is finished.'
                if done
                else f'--resume: "{folder}" holds no unfinished run.'
            )
        return folder
    if out:
        must_be_folder(out)
        must_be_alone(out)
        must_be_free(out, force)
    must_be_writable(out.parent if out else None)
    return out


def new_place(case: str, study: str) -> Path:
    """The folder of a run that was given none."""
    from kelisim.results.store import new_name, runs_folder

    return runs_folder() / new_name(Path(case).stem, study)


def command_again(words: Sequence[str], folder: Path) -> str:
    """The command that goes on with an unfinished run."""
    return f"kelisim run {join(map(str, words))} --resume {quote(str(folder))}"


def asked_before(resume: str) -> list[str]:
    """The words with which an unfinished run was asked. Raises RunError where there is none."""
    from kelisim.results.unfinished import unfinished

    folder = place_of(None, resume, force=False)
    assert folder is not None
    return [str(word) for word in unfinished(folder).question["words"]]


def words_of() -> list[str]:
    """The words of the command that is being done, without what only says where to go on."""
    words = sys.argv[sys.argv.index("run") + 1 :] if "run" in sys.argv else []
    found, rest = [], iter(words)
    for word in rest:
        if word in ("--resume", "--out"):
            next(rest, None)
        elif not word.startswith(("--resume=", "--out=")):
            found.append(word)
    return found
