"""The guided interview in words: its steps, what to say, and what the officer heeds."""

from __future__ import annotations

from app.views.translation import tr


def step_label(step: str) -> str:
    """The name of a step."""
    return {
        "welcome": tr("Welcome"), "scene": tr("Back to the scene"),
        "telling": tr("Free telling"), "questions": tr("Open questions"),
        "order": tr("Another order"), "character": tr("What sort of person"),
        "close": tr("Read back"),
    }[step]


def step_title(step: str) -> str:
    """The title above the words for the witness."""
    if step in ("telling", "questions", "order"):
        return tr("What do you remember?")
    return step_label(step)


def spoken(step: str) -> str:
    """What the officer says to the witness; open, and naming no feature."""
    return {
        "welcome": tr(
            "Thank you for helping. You set the pace, and you may rest or stop at any time. I was "
            "not there; you were. Please do not guess: it is fine not to know."
        ),
        "scene": tr(
            "Close your eyes if you like. Think back to the place and the moment: the light, the "
            "sounds, what you were doing, how you felt. Then let the face come. Take your time."
        ),
        "telling": tr(
            "Please tell everything you remember of the face, in your own words and in your own "
            "order. Take your time. Nothing is too small, and it is fine not to know."
        ),
        "questions": tr(
            "You have told me several things. Please tell me more about each of them, one after "
            "the other, in your own words."
        ),
        "order": tr(
            "Please go through the face once more in another order, for example from the bottom "
            "up. If something new comes, tell me. If nothing comes, that is fine."
        ),
        "character": tr(
            "Now think of the person as a whole, not of single features. What sort of person did "
            "you see? Take a minute, without speaking."
        ),
        "close": tr(
            "I will read to you what I wrote down. Please stop me where something is wrong or "
            "missing."
        ),
    }[step]


def heeded(step: str) -> str:
    """What the officer heeds at a step."""
    return {
        "welcome": tr(
            "Say who you are and what happens today. Ask how the witness is. No picture of any "
            "face is shown before the interview is done."
        ),
        "scene": tr(
            "Speak slowly and leave pauses. Name no feature. If it distresses the witness, leave "
            "this step out."
        ),
        "telling": tr(
            "Let silence stand, do not interrupt. Write down every word as it is said, doubts too."
        ),
        "questions": tr(
            "Ask only about what the witness named, in the witness's words. Begin with: tell me, "
            "describe, what, how. One question at a time, and wait for the answer."
        ),
        "order": tr(
            "Offer it once. Leave it out when the witness is tired or is a child. Add what is new; "
            "what is written stays."
        ),
        "character": tr(
            "Leave this out when the witness remembers little of the face. The answers help to see "
            "the face as a whole; they prove nothing, and no face is made from them."
        ),
        "close": tr(
            "Read every word aloud. Then press \u201cThis is what was said\u201d: it is kept from "
            "there on, and corrected on the next page only."
        ),
    }[step]


def trait_question(trait: str) -> str:
    """How much of a trait the person seemed to have; asked of the witness as it stands."""
    return {
        "intelligence": tr("How intelligent did the person seem?"),
        "friendliness": tr("How friendly?"), "kindness": tr("How kind?"),
        "selfishness": tr("How selfish?"), "arrogance": tr("How arrogant?"),
        "distinctiveness": tr("How distinctive was the face?"),
        "aggressiveness": tr("How aggressive did the person seem?"),
    }[trait]


def level_text(level: str) -> str:
    """One answer about a trait."""
    return {"low": tr("Little"), "medium": tr("Average"), "high": tr("Very")}[level]
