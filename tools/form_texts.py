"""The English texts of the forms of studies, from the code of the studies, for those who translate them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import fields

from kelisim import catalog
from kelisim.report.numbers import first_upper, human
from kelisim.studies.study import find, names

HEAD = "# What the forms of studies say, in English. Made by `python -m tools.docs` from the fields of the studies: not to be written by hand."


def form_texts() -> str:
    """The catalogue of the forms: what each study asks, names of fields, their help, and values that can be chosen."""
    asks, labels, choices = {}, {}, {}
    helps: dict[str, dict[str, str]] = {}
    for name in names():
        study = find(name)
        asks[name] = study.heading()
        for field in fields(study):
            labels[field.name] = first_upper(human(field.name))
            helps.setdefault(field.name, {})[name] = field.metadata["help"]
            for choice in field.metadata["choices"]:
                if not catalog.has(f"rules.{field.name.removesuffix('_rule')}_{choice}", catalog.LANGUAGE):
                    choices[choice] = human(choice)
    sections = {f"studies.{name}": {"asks": text} for name, text in asks.items()}
    sections |= {"fields": labels, "choices": choices} | _helps(helps)
    return "\n\n".join([HEAD, *(_section(name, texts) for name, texts in sections.items())]) + "\n"


def _helps(found: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Help that several studies share, once; else under the study."""
    sections: dict[str, dict[str, str]] = {"helps.common": {}}
    for field, of_study in found.items():
        text, count = Counter(of_study.values()).most_common(1)[0]
        if count > 1:
            sections["helps.common"][field] = text
        for study, own in of_study.items():
            if count == 1 or own != text:
                sections.setdefault(f"helps.{study}", {})[field] = own
    return sections


def _section(name: str, texts: dict[str, str]) -> str:
    lines = (f"{key} = {json.dumps(text, ensure_ascii=False)}" for key, text in sorted(texts.items()))
    return "\n".join([f"[{name}]", *lines])
