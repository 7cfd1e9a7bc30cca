"""Names of PyPSA as identifiers: small letters of a to z, digits and _."""

from __future__ import annotations

import re
import unicodedata

# Cyrillic of Russian, Kazakh and Ukrainian, as read aloud; what is not here is taken apart by Unicode, or left out
_CYRILLIC = "абвгдезийклмнопрстуфхцыэіїєґәғқңөұүһ"
_LATIN = "a b v g d e z i y k l m n o p r s t u f kh ts y e i i ye g a g q n o u u h"
_MORE = "ё yo ж zh ч ch ш sh щ shch ю yu я ya ß ss ø o ł l æ ae"
_LETTERS = dict(zip(_CYRILLIC, _LATIN.split(" "), strict=True))
_LETTERS |= dict(zip(_MORE.split(" ")[::2], _MORE.split(" ")[1::2], strict=True)) | {"ъ": "", "ь": ""}


def slug(label: str) -> str:
    """A label with small letters of a to z, digits and _ only; empty where it has none that can be written so.

    >>> slug("Gas (CCGT)"), slug("Газ"), slug("São Tomé"), slug("電気")
    ('gas_ccgt', 'gaz', 'sao_tome', '')
    """
    small = label.lower()
    if not small.isascii():
        written = "".join(_LETTERS.get(sign, sign) for sign in unicodedata.normalize("NFC", small))
        small = unicodedata.normalize("NFKD", written).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", small).strip("_")
