"""Bytes as a broken disk, a stopped download or a wrong editor leaves them."""

from __future__ import annotations

from random import Random

ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1251", "cp866", "latin-1", "utf-7")
PIECES = [b"\0", b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n", b"\r\n", b'"', b"PK\x03\x04", b"\xed\xa0\x80", b"\x1a", b"\0" * 4_096, b"\x89HDF\r\n\x1a\n"]  # fmt: skip


def spoilt(data: bytes, random: Random) -> bytes:
    """The bytes with one to four changes, a piece lost, doubled or moved, or the end cut off."""
    for _ in range(random.choice([1, 1, 2, 4])):
        size = len(data)
        at, length = random.randrange(size + 1), random.choice([1, 1, 2, 4, 16, 256])
        other = random.randrange(size + 1)
        data = random.choice(
            [
                data[:at] + bytes([random.randrange(256)]) + data[at + 1 :],
                data[:at] + bytes([data[at] ^ (1 << random.randrange(8))]) + data[at + 1 :]
                if at < size
                else data,
                data[:at] + data[at + length :],
                data[:at] + data[at : at + length] * 2 + data[at + length :],
                data[:at] + random.randbytes(length) + data[at + length :],
                data[:at] + random.choice(PIECES) + data[at:],
                data[:at] + data[other : other + length] + data[at + length :],
                data[:at],
                b"" if random.random() < 0.1 else data[at:],
            ]
        )
    return data


def recoded(text: str, random: Random) -> bytes:
    """The text in another encoding, or with other ends of lines."""
    if random.random() < 0.4:
        return text.replace("\n", random.choice(["\r\n", "\r", "\n\n", "\n\r", "\u2028"])).encode()
    return text.encode(random.choice(ENCODINGS), "replace")
