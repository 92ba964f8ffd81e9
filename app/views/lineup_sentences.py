"""A lineup's error codes and notices as sentences: what happened, and what to do about it."""

from __future__ import annotations

from app.views.translation import tr


def lineup_problems() -> dict[str, tuple[str, str]]:
    """Code to (what happened, what helps)."""
    return {**_photo_problems(), **_array_problems(), **_showing_problems()}


def lineup_notices() -> dict[str, str]:
    """Code to sentence."""
    return {
        "lineup.photos_refused": tr("{count} pictures of the folder could not be used."),
        "lineup.exported": tr("Sealed in {path}. Read these words aloud: {words}"),
    }


def _photo_problems() -> dict[str, tuple[str, str]]:
    return {
        "photo.no_face": (
            tr("No face was found in this picture."),
            tr("Use a photograph in which one face is seen from the front."),
        ),
        "photo.several_faces": (
            tr("There are {count} faces in this picture."),
            tr("Cut it down to the one that counts."),
        ),
        "photo.face_too_small": (
            tr("The face in this picture is too small."), tr("Use a larger photograph."),
        ),
        "photo.turned": (
            tr("The face is turned away."), tr("Use a photograph from the front."),
        ),
        "photo.sunglasses": (
            tr("Dark glasses hide the eyes."), tr("Use a photograph without them."),
        ),
        "photo.covered": (
            tr("Much of the face is covered."), tr("Use a photograph of the whole face."),
        ),
    }  # fmt: skip


def _array_problems() -> dict[str, tuple[str, str]]:
    return {
        "lineup.too_few_photos": (
            tr("Only {found} photographs of the folder can be used."),
            tr("Add more of people who fit the description, or choose generated faces as well."),
        ),
        "lineup.not_changeable": (
            tr("A photograph cannot be changed."), tr("Replace it by another one."),
        ),
        "lineup.suspect_stays": (
            tr("The suspect's picture stays in the array."), tr("Change a filler instead."),
        ),
        "lineup.no_seed": (
            tr("There is nothing yet that fillers could match."),
            tr("Add the suspect's photograph or a description."),
        ),
        "lineup.no_suspect": (
            tr("There is no suspect in this lineup yet."), tr("Add the photograph first."),
        ),
        "lineup.no_weights": (
            tr("The fine-tuned copy of the face model is not loaded."),
            tr("Fine-tune again, or add the photograph once more."),
        ),
        "lineup.picture_lost": (
            tr("A picture of this lineup cannot be read."), tr("Make the array again."),
        ),
        "lineup.nothing_to_undo": (
            tr("There is no array to go back to."), tr("Make another one."),
        ),
    }  # fmt: skip


def _showing_problems() -> dict[str, tuple[str, str]]:
    return {
        "lineup.shown_already": (
            tr("A witness has seen this array, so it does not change any more."),
            tr("Begin a new lineup for another array."),
        ),
        "lineup.shown_to_witness": (
            tr("{who} has seen this lineup already."),
            tr("A witness sees a lineup once; a second look proves nothing."),
        ),
        "lineup.is_lineup": (
            tr("This file is a lineup, not a case."), tr("Open it under Lineup."),
        ),
        "lineup.is_composite": (
            tr("This file is a composite's case, not a lineup."), tr("Open it as a case."),
        ),
        "lineup.nothing_to_unseal": (
            tr("This case holds no description yet."), tr("Type the description instead."),
        ),
        "lineup.no_array": (
            tr("There is no array to export yet."), tr("Make the array first."),
        ),
    }  # fmt: skip
