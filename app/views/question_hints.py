"""Leading questions noticed while the officer types, each with an open form; never in the way."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.views.translation import tr

# closed forms put an answer into the witness's mouth (NIJ 1999 guide; PEACE model of interviewing)
CLOSED = {
    "en": r"(?:was|were|is|are|did|does|do|had|has|have|would|could|wasn't|weren't|isn't|didn't)\b",
    "fr": r"(?:est-ce|etait|était|avait|a-t|était-il|avait-il|portait|n'avait)\b[^.?!]*",
}
PARTS = {
    "hair": "hair|cheveux", "eyes": "eyes?|yeux", "nose": "nose|nez", "mouth": "mouth|bouche",
    "beard": "beard|moustache|barbe", "face": "face|visage", "skin": "skin|peau",
    "age": "old|young|age|âge", "glasses": "glasses|lunettes", "ears": "ears?|oreilles?",
}


@dataclass(frozen=True)
class Hint:
    """One question that suggests its answer, and the open way of asking."""

    question: str
    instead: str


def leading_question(text: str, language: str) -> Hint | None:
    """The last leading question of a text, None when there is none."""
    closed = CLOSED.get(language, CLOSED["en"])
    found = re.findall(rf"(?:^|[.!?\n])\s*({closed}[^.?!\n]*\?)", text, flags=re.IGNORECASE)
    if not found:
        return None
    question = str(found[-1]).strip()
    part = next((p for p, words in PARTS.items() if re.search(rf"\b(?:{words})\b", question, re.I)),
                "")
    return Hint(question, _open_form(part))


def _open_form(part: str) -> str:
    return {
        "hair": tr("What do you remember of the hair?"),
        "eyes": tr("What do you remember of the eyes?"),
        "nose": tr("What do you remember of the nose?"),
        "mouth": tr("What do you remember of the mouth?"),
        "beard": tr("Was there anything about the lower part of the face?"),
        "face": tr("How would you describe the face as a whole?"),
        "skin": tr("What do you remember of the skin?"),
        "age": tr("What age would you give this person?"),
        "glasses": tr("What, if anything, was worn on the head or face?"),
        "ears": tr("What do you remember of the ears?"),
    }.get(part, tr("Tell me more about that, in your own words."))
