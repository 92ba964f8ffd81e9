"""What may be fetched: the pinned list of models, with size, hash and licence of each."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.models.errors import BadInput
from app.models.resources import resource

KINDS = ("speech", "face")
NAME = re.compile(r"[a-z0-9][a-z0-9.-]{2,63}")
HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Offer:
    """One model of the list. ``kind`` speech (a zip with a vosk model) or face (a StyleGAN2
    pickle, which is converted); ``size`` and ``unpacked_limit`` in bytes; ``sha256`` hex, empty
    where it is not known; ``pinned_by`` says on what size and hash stand.
    """

    name: str
    kind: str
    language: str
    title: str
    by: str
    url: str
    size: int
    sha256: str
    unpacked_limit: int
    licence: str
    licence_file: str
    pinned_by: str = ""

    @property
    def is_pinned(self) -> bool:
        """Whether what arrives could be told from anything else."""
        return bool(HEX.fullmatch(self.sha256)) and self.size > 0

    @property
    def megabytes(self) -> int:
        """The size for people, rounded up."""
        return -(-self.size // 1_000_000)

    def licence_text(self) -> str:
        """The licence as it must be shown before anything is fetched."""
        return resource("fetch", "licences", self.licence_file).read_text(encoding="utf-8")


def offers() -> tuple[Offer, ...]:
    """The list that ships with the program; BadInput ``fetch.bad_list`` when it cannot be read."""
    path = resource("fetch", "models.toml")
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["model"]
        return tuple(_offer(row) for row in rows)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput("fetch.bad_list", file=str(path), why=str(error)) from error


def find_offer(name: str) -> Offer:
    """The offer of a name; BadInput ``fetch.unknown`` with the names there are."""
    known = offers()
    for offer in known:
        if offer.name == name:
            return offer
    raise BadInput("fetch.unknown", name=name, known=", ".join(o.name for o in known))


def _offer(row: dict[str, Any]) -> Offer:
    offer = Offer(**{"sha256": "", **row})
    if offer.kind not in KINDS or not NAME.fullmatch(offer.name):
        raise ValueError(f"{offer.name!r} is no entry that can be used")
    if Path(offer.licence_file).name != offer.licence_file:
        raise ValueError(f"{offer.licence_file!r} is no licence file")
    if offer.sha256 and not HEX.fullmatch(offer.sha256):
        raise ValueError(f"{offer.name!r} has no usable hash")
    if not (type(offer.size) is type(offer.unpacked_limit) is int and offer.size >= 0):
        raise ValueError(f"{offer.name!r} has no usable size")
    return offer
