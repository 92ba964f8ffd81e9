"""Leading questions noticed while the officer types, each with an open form; never in the way."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.views.translation import tr

# forms that put an answer into the witness's mouth (NIJ 1999 guide; PEACE model of interviewing)
OPEN = {
    "en": r"(?:what|how|who|where|when|why|which|tell|describe|please)\b"
    r"|(?:can|could|would|will) you (?:please )?(?:tell|describe|explain|say)\b",
    "fr": r"qu'est-ce\b|que\b|quels?\b|quelles?\b|comment\b|où\b|quand\b|pourquoi\b"
    r"|décri|parlez|dites|racontez|expliquez"
    r"|(?:pouvez|pourriez|voulez)-vous (?:me |m'en )?(?:dire|décrire|parler|raconter)",
}
CLOSED = {
    "en": r"(?:was|were|is|are|did|does|do|had|has|have|would|could|can|wasn't|weren't|isn't|aren't"
    r"|didn't|hadn't|he|she|they|it|his|her|their|there|the|you)\b",
    "fr": r"(?:est-ce|il|elle|ils|elles|on|son|sa|ses|le|la|les|vous)\b"
    r"|[^?]*\b\w+-(?:t-)?(?:il|elle|ils|elles|ce|on|vous)\b",
}
TAG = {
    "en": r",\s*(?:right|correct|yes|no|(?:is|was|did|do|does|had|has|were|are|wo|ca)n't \w+"
    r"|(?:is|was|did|does|had|has|were) \w+)\s*\??$",
    "fr": r"n'est-ce pas\s*\??$|,\s*(?:non|hein|c'est ça|d'accord)\s*\??$",
}
PRESUMES = {
    "en": r"how (?:big|tall|old|long|thick|dark|fat|thin|wide|heavy|short|light|small)\b",
    "fr": r"(?:de )?combien (?:grand|gros|long|épais|foncé)\b",
}
CHOICE = re.compile(r"\b(?:or|ou)\b", re.IGNORECASE)
HARMLESS = re.compile(r"anything (?:else|more|you)|autre chose", re.IGNORECASE)
FILLER = re.compile(
    r"^(?:(?:and|so|but|ok|okay|now|then|well|et|alors|donc|mais|bon)\b[\s,]*)+", re.IGNORECASE
)
PARTS = {
    "hair": "hair|bald|fringe|cheveux|frange|chauve", "eyes": "eyes?|eyebrows?|yeux|sourcils?",
    "nose": "nose|nez", "mouth": "mouth|lips?|teeth|bouche|lèvres?|dents",
    "beard": "beard|moustache|stubble|chin|jaw|barbe|menton|mâchoire",
    "face": "face|visage", "skin": "skin|scars?|moles?|tattoos?|peau|cicatrices?|tatouages?",
    "age": "old|young|age|âge|jeune|vieux|vieille",
    "glasses": "glasses|hat|cap|lunettes|chapeau|casquette", "ears": "ears?|oreilles?",
}


@dataclass(frozen=True)
class Hint:
    """One question that suggests its answer, why it does (closed, tag, choice, presumes), and the
    open way of asking."""

    question: str
    instead: str
    why: str = "closed"


def leading_question(text: str, language: str, *, asking: bool = False) -> Hint | None:
    """The last leading question of a text, None when there is none.

    ``asking``: the text is a question that is being typed, whether or not its mark is there yet.
    """
    pattern = r"[^.!?\n]+\?" + (r"|[^.!?\n]+$" if asking else "")
    for question in reversed(re.findall(pattern, text)):
        why = _why_leading(question.strip(), language, asking)
        if why:
            return Hint(question.strip(), _open_form(_part(question)), why)
    return None


def why_text(why: str) -> str:
    """What is leading about a question."""
    return {
        "closed": tr("can be answered by yes or no"), "tag": tr("asks for agreement"),
        "choice": tr("offers the answers"), "presumes": tr("names an answer already"),
    }[why]


def hint_text(hint: Hint) -> str:
    """One calm line: the question, what it does, and the open form."""
    template = tr(
        "\u201c{question}\u201d {why}; it may suggest an answer. More open: \u201c{instead}\u201d"
    )
    return template.format(question=hint.question, why=why_text(hint.why), instead=hint.instead)


def _why_leading(question: str, language: str, asking: bool) -> str:
    asked, key = FILLER.sub("", question), language if language in CLOSED else "en"
    if HARMLESS.search(asked) or (not question.endswith("?") and len(asked.split()) < 3):
        return ""
    if _found(TAG[key], asked):
        return "tag"
    if re.match(PRESUMES[key], asked, re.IGNORECASE):
        return "presumes"
    if re.match(OPEN[key], asked, re.IGNORECASE) or not re.match(CLOSED[key], asked, re.IGNORECASE):
        return ""
    return "choice" if CHOICE.search(asked) else "closed"


def _found(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None


def _part(question: str) -> str:
    return next((p for p, words in PARTS.items() if _found(rf"\b(?:{words})\b", question)), "")


def _open_form(part: str) -> str:
    return {
        "hair": tr("What do you remember of the hair?"),
        "eyes": tr("What do you remember of the eyes?"),
        "nose": tr("What do you remember of the nose?"),
        "mouth": tr("What do you remember of the mouth?"),
        "beard": tr("What do you remember of the lower part of the face?"),
        "face": tr("How would you describe the face as a whole?"),
        "skin": tr("What do you remember of the skin?"),
        "age": tr("What age would you give this person?"),
        "glasses": tr("What, if anything, was worn on the head or face?"),
        "ears": tr("What do you remember of the ears?"),
    }.get(part, tr("Tell me more about that, in your own words."))
