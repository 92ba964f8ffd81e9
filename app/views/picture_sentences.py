"""What went wrong with a foreign picture or video, and what helps."""

from __future__ import annotations

from app.views.translation import tr


def picture_problems() -> dict[str, tuple[str, str]]:
    """Code -> (what happened, what helps)."""
    again = tr("Copy it again from where it came.")
    smaller = tr("Save a smaller copy and open that.")
    return {
        "media.missing": (tr("There is no file named {file}."), tr("Check the folder and name.")),
        "media.no_file": (tr("{file} is no ordinary file."), tr("Choose the file itself.")),
        "media.unreadable": (
            tr("{file} cannot be read."), tr("Check that you may open it, or copy it elsewhere."),
        ),
        "media.empty": (tr("{file} is empty."), again),
        "media.too_big": (tr("{file} is too big."), smaller),
        "media.too_many_pixels": (tr("{file} has too many pixels."), smaller),
        "media.kind": (
            tr("{file} is none of the kinds that are read: {wanted}."),
            tr("Save it as one of these and open that."),
        ),
        "media.damaged": (tr("{file} is damaged or cut short."), again),
        "media.false_size": (
            tr("The header of {file} promises far more than the file holds."), again,
        ),
        "media.too_slow": (
            tr("{file} took too long to read and was stopped."),
            tr("Save it anew with another program and open that."),
        ),
        "media.worker_died": (
            tr("{file} could not be read: its reader stopped. The program is unharmed."),
            tr("Do not trust this file; ask where it comes from, and save it anew."),
        ),
        "media.changed": (
            tr("{file} was changed while it was read, so it was not used."),
            tr("Open it once more."),
        ),
        "photo.no_face": (
            tr("No face was found in {file}."),
            tr("Use a picture in which the face is seen from the front."),
        ),
        "photo.no_such_face": (
            tr("This face is no longer found in the picture."), tr("Open the picture again."),
        ),
        "model.no_reader": (
            tr("This face model cannot read pictures: {file} is missing."),
            tr("Choose the bundled model in the settings."),
        ),
        "picture.not_saved": (
            tr("The copy could not be written: {file}"), tr("Choose another folder."),
        ),
        "event.bad_original": (
            tr("The file changed while it was put into the case, so it was not used."),
            tr("Open it once more."),
        ),
    }
