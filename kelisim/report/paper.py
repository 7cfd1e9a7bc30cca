"""A document of headings, lists, boxes to tick and tables as an HTML page to print: no script, no network, A4."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

STYLE = (
    "@page{size:A4;margin:18mm 16mm 18mm 24mm}body{font:11pt/1.45 Georgia,serif;max-width:178mm;margin:8mm auto;color:#111}"
    "h1{font-size:17pt}h2{font-size:13pt;margin-top:9mm;break-after:avoid}table{border-collapse:collapse;width:100%;font-size:9.5pt}"
    "th,td{border:.3mm solid #999;padding:1.2mm 1.6mm;text-align:left;vertical-align:top}td.n,th.n{text-align:right}"
    "@media screen{body{padding:0 4mm}table{display:block;overflow-x:auto}}"
    "tr{break-inside:avoid}ul{list-style:none;padding-left:0}ul ul{padding-left:6mm}.box::before{content:'\\2610\\00a0'}"
)
_CELL = re.compile(r"(?<!\\)\|")
_BOLD = re.compile(r"\*\*(.+?)\*\*")


def as_html(text: str, language: str = "en") -> str:
    """The document as one HTML file; its first heading is the title."""
    title = next((line[2:] for line in text.splitlines() if line.startswith("# ")), "")
    body = "\n".join(_blocks(text.splitlines()))
    head = f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>'
    return f"{head}\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"


def _blocks(lines: list[str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        line = lines[at]
        kind = _kind(line)
        run = [line]
        while kind in ("list", "table") and at + 1 < len(lines) and _kind(lines[at + 1]) == kind:
            at += 1
            run.append(lines[at])
        at += 1
        if kind == "heading":
            level = len(line) - len(line.lstrip("#"))
            yield f"<h{level}>{_text(line[level:].strip())}</h{level}>"
        elif kind == "list":
            yield f"<ul>{''.join(_item(one) for one in run)}</ul>"
        elif kind == "table":
            yield _table(run)
        elif line.strip():
            yield f"<p>{_text(line)}</p>"


def _kind(line: str) -> str:
    if line.startswith("#"):
        return "heading"
    if line.lstrip().startswith(("- ",)) or re.match(r"\d+\. ", line):
        return "list"
    return "table" if line.startswith("|") else "text"


def _item(line: str) -> str:
    inner = re.sub(r"^(- |\d+\. )", lambda found: "" if found[0] == "- " else found[0], line.lstrip())
    indent = ' style="margin-left:6mm"' if line.startswith(" ") else ""
    if inner.startswith("[ ] "):
        return f'<li class="box"{indent}>{_text(inner[4:])}</li>'
    return f"<li{indent}>{_text(inner)}</li>"


def _table(run: list[str]) -> str:
    rows = [[cell.strip() for cell in _CELL.split(line.strip().strip("|"))] for line in run]
    marks = rows[1] if len(rows) > 1 else []
    is_number = [mark.endswith(":") for mark in marks]
    made = []
    for number, row in enumerate(rows):
        if number == 1:
            continue
        tag = "th" if number == 0 else "td"
        cells = (
            f"<{tag}{' class=n' if at < len(is_number) and is_number[at] else ''}>{_text(cell)}</{tag}>"
            for at, cell in enumerate(row)
        )
        made.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table>{''.join(made)}</table>"


def _text(text: str) -> str:
    return _BOLD.sub(r"<b>\1</b>", escape(text.replace("\\|", "|").replace("\\", ""), quote=False))
