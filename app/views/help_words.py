"""What each page is for and what is done on it, and the words of this program explained."""

from __future__ import annotations

from app.models.session import Stage
from app.views.stages import stage_label
from app.views.translation import tr

START, STARTS = "start", "starts"
PAGES = (START, *(stage.value for stage in Stage), STARTS)


def page_label(page: str) -> str:
    """The name of a page."""
    if page == START:
        return tr("Portrait Parl\u00e9")
    return tr("Other starts") if page == STARTS else stage_label(Stage(page))


def purpose(page: str) -> str:
    """What a page is for, in one sentence."""
    return {
        START: tr("Here a case is begun, opened again, or tried out."),
        "interview": tr("Here the witness tells; no face is shown yet."),
        "description": tr("Here you check with the witness what the words were taken to mean."),
        "round": tr("Here the witness looks at faces and says which is most like."),
        "refine": tr("Here one face is changed until the witness is content."),
        "validation": tr("Here the witness says how like the portrait is."),
        "export": tr("Here the portrait leaves the program, sealed and marked."),
        STARTS: tr("Here a photo, video or sketch becomes a first face; for the officer only."),
    }[page]


def advice(page: str) -> tuple[str, ...]:
    """What is done on a page, in order."""
    return {
        START: (
            tr("Begin a new case with its own passphrase, or open one: it goes on where it was."),
            tr("Practice is a case like any other, of which nothing is kept."),
        ),
        "interview": (
            tr("Answer the seven questions first. What speaks against a portrait is said below; "
               "you may go on with a reason and the name of who allows it."),
            tr("Then follow the steps at the left. Say the large words; write down every word."),
            tr("Write a question before you ask it: the program hints where it leads."),
        ),
        "description": (
            tr("Each line at the right is one feature, with the words it came from."),
            tr("Ask the witness, then confirm, change or drop it. Only what is confirmed counts."),
        ),
        "round": (
            tr("Turn the screen to the witness, or show the witness's screen (F9)."),
            tr("Let the witness look at all faces for a while before choosing."),
            tr("One or several faces may be picked; none, not sure and a break are good answers."),
            tr("After some rounds work on the best face."),
        ),
        "refine": (
            tr("Ask what should be different. Begin with the whole face."),
            tr("Move a slider a little; compare with the face before by holding C."),
            tr("Hold what is right, so that it does not move with the rest."),
            tr("Hair, hats, glasses and marks come last."),
        ),
        "validation": (
            tr("The judgement is the witness's alone; the program measures no likeness."),
            tr("If it is not like, go back to the faces: nothing is lost."),
        ),
        "export": (
            tr("Choose for whom the file is; that decides what is in it."),
            tr("The portrait is a lead. By itself it identifies nobody."),
        ),
        STARTS: (
            tr("Turn the screen away from the witness before a picture is opened."),
            tr("The original stays in the case, unaltered. The face made from it is a start only."),
        ),
    }[page]


def glossary() -> list[tuple[str, str]]:
    """(word, meaning), in the order of the present language's alphabet."""
    words = [
        (tr("Array"), tr("The faces that are shown together; 6, 9, 12 or 18.")),
        (tr("Case"), tr("One sealed file with everything of one witness.")),
        (tr("Witness's screen"), tr("Faces and plain buttons, and nothing else.")),
        (tr("Pick"), tr("A face that the witness chose; several may be picked, or ranked.")),
        (tr("None of these"), tr("An answer like any other: the next faces differ more.")),
        (tr("Different on purpose"), tr(
            "One face of an array lies outside of what the search expects, so that nothing is "
            "overlooked. If it is picked, the search turns there."
        )),
        (tr("Portrait"), tr("The one face that is worked on.")),
        (tr("Slider"), tr("Moves one feature; what it moves besides is said below the list.")),
        (tr("Hold"), tr("Keeps a feature still while others are moved.")),
        (tr("Distance"), tr("How far the portrait is from the face that was chosen.")),
        (tr("Step"), tr("Anything that can be undone. Every step is kept, undone or not.")),
        (tr("Said, chosen, made up"), tr(
            "Told by the witness, chosen by eye, or filled in by the face model."
        )),
        (tr("Curtain"), tr("The grey screen of a break: no face is seen.")),
        (tr("Face model"), tr("The program part that draws faces; it knows no real person.")),
        (tr("Seal"), tr(
            "Words that stand for the whole record. Read aloud on the recording, they show later "
            "that nothing was changed."
        )),
        (tr("Second portrait"), tr("Another one by the same witness, from the beginning.")),
        (tr("Morph"), tr("The mean of several portraits; it is often more like than each.")),
        (tr("Lineup"), tr("One suspect among others; never in the same file as a portrait.")),
        (tr("Filler"), tr("A face in a lineup that belongs to nobody.")),
        (tr("Functional size"), tr(
            "How many faces of a lineup people really choose from who never saw the person."
        )),
    ]
    return sorted(words, key=lambda pair: pair[0].casefold())
