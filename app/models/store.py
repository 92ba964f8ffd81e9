"""The case file, from outside: create, open, open a copy to read, practise without keeping.

What is promised, and how the file is laid out, stands in resources/formats/case-file.md.
"""

from __future__ import annotations

from app.models.case import CaseFacts
from app.models.events import Event, Head
from app.models.seal import ADVISED_PASSPHRASE, KdfParameters
from app.models.store_base import CaseFile, StoreError
from app.models.store_create import create_case
from app.models.store_open import open_case, open_copy_read_only
from app.models.store_practice import PracticeCase
from app.models.store_schema import StoreOptions

__all__ = [
    "ADVISED_PASSPHRASE",
    "SUFFIX",
    "CaseFacts",
    "CaseFile",
    "Event",
    "Head",
    "KdfParameters",
    "StoreError",
    "StoreOptions",
    "create_case",
    "open_case",
    "open_copy_read_only",
    "practice_case",
]

SUFFIX = ".ppcase"


def practice_case(facts: CaseFacts) -> CaseFile:
    """A case with nothing kept; ``kept`` is False, which every page says."""
    return PracticeCase(facts)
