"""What is known of a case from its first minute: reference, people by code, authority."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class CaseFacts:
    """Who and what a case is about. ``witness_code`` stands for the name, which is kept elsewhere.

    One case file holds one witness's sittings: composites of several witnesses stay apart.
    """

    reference: str
    officer: str = ""
    organisation: str = ""
    witness_code: str = ""
    authority: str = ""
    notes: str = ""
    role: str = ""  # the officer's rank or role
    language: str = "en"
    review_by: str = ""  # ISO date on which keeping it is reviewed

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> CaseFacts:
        """Read what ``to_json`` wrote; unknown fields are dropped, missing ones empty."""
        known = {f.name for f in fields(CaseFacts)}
        return CaseFacts(**{"reference": "", **{k: str(v) for k, v in data.items() if k in known}})
