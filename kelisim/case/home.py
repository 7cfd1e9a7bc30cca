"""The home country of a case: that of the setting `home` under [defaults]."""

from __future__ import annotations

from kelisim.case import schema
from kelisim.case.case import Case
from kelisim.errors import UserError


def home_of(case: Case) -> str:
    """The home country of a case. Raises UserError where there is none."""
    home = str(case.setting("defaults", "home"))
    known = sorted(set(case.table("places")["country"]) - {""})
    if home not in known:
        told = f'home = "{home}" is no country of a place' if home else "the case names no home country"
        raise UserError(
            f'{told}. Write home = "{(known or ["XX"])[0]}" under [defaults] in case.toml. Countries: {schema.some(known)}.'
        )
    return home
