"""Codes of errors and notices as sentences: what happened, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.models.errors import PortraitError
from app.views.lineup_sentences import lineup_notices, lineup_problems
from app.views.picture_sentences import picture_problems
from app.views.translation import tr

Sentences = Mapping[str, Callable[[], tuple[str, str]]]


class _Facts(dict[str, Any]):
    """Facts for a sentence; one that is missing shows as nothing instead of failing."""

    def __missing__(self, key: str) -> str:
        return ""


def problem_sentence(error: PortraitError) -> tuple[str, str]:
    """(what happened, what helps) for an error; never empty, whatever the code."""
    known = _problems().get(error.code)
    if known is None:
        family = _families().get(error.code.split(".")[0], tr("Something did not work."))
        detail = "; ".join(f"{k}: {v}" for k, v in error.facts.items())
        return family, tr("Code: {code}. {detail}").format(code=error.code, detail=detail).strip()
    facts = _Facts(error.facts)
    return known[0].format_map(facts), known[1].format_map(facts)


def notice_sentence(code: str, facts: Mapping[str, Any]) -> str:
    """The sentence for a notice; empty for an unknown code."""
    return _notices().get(code, "").format_map(_Facts(facts))


def known_problems() -> frozenset[str]:
    """Codes that have a sentence of their own."""
    return frozenset(_problems())


def _notices() -> dict[str, str]:
    return {
        **lineup_notices(),
        "recall.empty": tr("Nothing is written down yet."),
        "eligibility.open": tr("Answer the questions above first; then the faces can be made."),
        "stage.not_yet": tr("First the interview: its questions and what the witness tells."),
        "round.still_arriving": tr("The faces are still arriving. One moment."),
        "case.continued": tr("The case goes on where it was left. Nothing was lost."),
        "case.read_only_copy": tr("This is a copy for reading. Nothing can be changed in it."),
        "case.closed": tr(
            "The case is closed. Its {count} steps stand under these words; read them aloud on "
            "the recording: {words}. In full: {hash}"
        ),
        "case.locked": tr("The case was locked because nobody was at the computer."),
        "composite.judge_first": tr("First the witness says how like this portrait is."),
        "case.little_space": tr(
            "Only {megabytes} MB are left on the disk of this case. Free some space soon: on a "
            "full disk the sitting has to stop."
        ),
        "case.locked_away": tr(
            "The case was locked because this computer was locked, closed or put to sleep."
        ),
        "case.locked_by_hand": tr("The case is locked. Its passphrase opens it again."),
        "export.done": tr("The export was written to {folder}."),
        "case.left_open": tr(
            "{file} was open when the program ended. Its passphrase opens it where it was left."
        ),
        "break.suggested": tr(
            "The witness has looked at faces for a good while. It may be time for a break (F8)."
        ),
        "portable.made": tr(
            "From the next start everything is kept in {folder}. Remove that folder to end this."
        ),
        "sheet.saved": tr("The instructions for the witness are in {file}; print it from there."),
        "practice": tr("Practice: nothing is kept."),
        "picture.nothing_to_paste": tr("There is no picture to paste. Copy one first."),
        "witness.screen_gone": tr(
            "The witness's monitor is gone; its screen was closed. F9 shows it again."
        ),
    }


def _families() -> dict[str, str]:
    return {
        "case": tr("The case file cannot do this now."),
        "model": tr("The face model cannot be used."),
        "engine": tr("The faces could not be drawn."),
        "recipe": tr("This face cannot be read."),
        "round": tr("This answer does not fit the faces on the table."),
        "session": tr("This step does not fit where the case stands."),
        "portable": tr("The program could not be made portable."),
        "sheet": tr("The sheet could not be written."),
        "export": tr("The export could not be written."),
        "settings": tr("The settings could not be used."),
        "journal": tr("The record of this case does not fit together."),
        "resource": tr("A file of the program is missing."),
        "vocabulary": tr("A file of the program is missing."),
        "lexicon": tr("A file of the program is missing."),
        "attribute": tr("This value does not belong to this feature."),
        "direction": tr("The face model has no such slider."),
        "description": tr("This description cannot be read."),
        "event": tr("This step could not be written down."),
        "blend": tr("These faces cannot be mixed."),
        "overlay": tr("This cannot be put on the portrait."),
        "region": tr("This part of the face cannot be used."),
        "media": tr("This file cannot be read."),
        "photo": tr("This face cannot be used."),
        "video": tr("This video cannot be used."),
        "sketch": tr("This drawing cannot be used."),
        "package": tr("A part of the program is not installed."),
    }


def _problems() -> dict[str, tuple[str, str]]:
    return {
        **_case_problems(), **_writing_problems(), **_model_problems(), **_loop_problems(),
        **picture_problems(), **lineup_problems(),
    }  # fmt: skip


def _case_problems() -> dict[str, tuple[str, str]]:
    return {
        "case.none": (tr("No case is open."), tr("Open a case or start a new one.")),
        "case.wrong_passphrase": (
            tr("The passphrase does not open this case."),
            tr("Check capital letters and the keyboard's language, then try again."),
        ),
        "case.no_passphrase": (
            tr("A case needs a passphrase."), tr("Type one or use the generated words."),
        ),
        "case.held": (
            tr("This case is already open: {who} on {where}, since {since}."),
            tr("Close it there, or open a copy here for reading."),
        ),
        "case.exists": (
            tr("There is already a file named {file}."), tr("Choose another name."),
        ),
        "case.missing": (tr("There is no file named {file}."), tr("Check the folder and name.")),
        "case.not_a_case": (
            tr("{file} is not a case file."), tr("Choose a file that ends in .ppcase."),
        ),
        "case.unreadable": (
            tr("{file} is damaged and cannot be opened."),
            tr("The newest good copy is: {backup}. Nothing was changed."),
        ),
        "case.damaged": (
            tr("Parts of this case file are damaged. It is open for reading only."),
            tr("The file was left as it was found. Its own good copies lie beside it."),
        ),
        "case.no_folder": (
            tr("The folder for this case does not exist."), tr("Choose another folder."),
        ),
        "case.busy": (
            tr("The case file is being written by another program just now."),
            tr("Try again in a moment."),
        ),
        "case.kdf_out_of_bounds": (
            tr("This case file asks for more computing than this program will spend."),
            tr("It was probably changed or damaged. Go on from an older copy."),
        ),
        "case.no_backup": (
            tr("The case is closed and safe, but no copy of it could be made."),
            tr("Free some space; the next closing makes a copy."),
        ),
        "case.closed": (tr("The case is closed."), tr("Open it again to go on.")),
        "journal.unreadable": (
            tr("Step {seq} of this case does not fit the steps before it."),
            tr("The file was left as it was found. Verify it on the command line."),
        ),
    }


def _writing_problems() -> dict[str, tuple[str, str]]:
    nothing_lost = tr("Nothing that was stored is lost.")
    return {
        "case.disk_full": (
            tr("The disk is full. The last step was not taken."),
            tr("Free some space and do it again. {kept}").replace("{kept}", nothing_lost),
        ),
        "case.io_error": (
            tr("The case file could not be written. The last step was not taken."),
            tr("Check the disk or stick and do it again. {kept}").replace("{kept}", nothing_lost),
        ),
        "case.still_writing": (
            tr("A large file is still being written into the case. The last step was not taken."),
            tr("Check the disk or stick and do it again. {kept}").replace("{kept}", nothing_lost),
        ),
        "case.gone": (
            tr("The case file is no longer there. The last step was not taken."),
            tr("Plug the disk or stick in again and do the step once more."),
        ),
        "case.changed_outside": (
            tr("The case file was changed by another program. The last step was not taken."),
            tr("Close the case and open it again; it will be checked."),
        ),
        "case.read_only": (
            tr("This case is open for reading only."), tr("Nothing can be changed in it."),
        ),
    }


def _model_problems() -> dict[str, tuple[str, str]]:
    return {
        "model.loading": (
            tr("The face model is still being loaded."),
            tr("The interview can go on; faces can be shown in a moment."),
        ),
        "model.failed": (
            tr("There is no face model, so no faces can be shown."),
            tr("Choose a model folder in the settings. The interview can go on."),
        ),
        "model.missing": (
            tr("The model folder was not found: {folder}{file}"),
            tr("Choose another model folder in the settings."),
        ),
        "model.hash_mismatch": (
            tr("The model file is not the one its card describes."),
            tr("It was not loaded. Copy the model again from where it came."),
        ),
        "model.not_installed": (
            tr("This face belongs to another face model, which is not on this computer."),
            tr("What was shown before can still be seen. Install that model to go on with it."),
        ),
        "recipe.other_model": (
            tr("This face belongs to another face model."),
            tr("Choose the model it was made with in the settings."),
        ),
        "model.card_unreadable": (
            tr("The face model's description cannot be read."),
            tr("Copy the model again from where it came, or choose another one."),
        ),
        "package.missing": (
            tr("A part of the program is not installed: {package}"),
            tr("Run the set-up again; the interview can go on meanwhile."),
        ),
        "resource.missing": (
            tr("A file of the program is missing: {file}"), tr("Install the program again."),
        ),
        "engine.not_ready": (
            tr("The program is still starting."), tr("Try again in a moment."),
        ),
        "engine.fault": (
            tr("The drawing of faces failed unexpectedly."),
            tr("Try once more. If it happens again, restart the program. ({why})"),
        ),
    }


def _loop_problems() -> dict[str, tuple[str, str]]:
    return {
        "session.no_portrait": (
            tr("No face has been chosen yet."), tr("Show faces and let the witness choose one."),
        ),
        "session.no_open_round": (
            tr("There are no faces waiting for an answer."), tr("Show new faces first."),
        ),
        "session.held": (
            tr("This feature is held and does not move."), tr("Let it go first."),
        ),
        "export.running": (
            tr("An export is being written."), tr("Wait until it is done, or stop it."),
        ),
        "export.exists": (
            tr("There is already something at this place."), tr("Choose another name."),
        ),
        "export.no_folder": (
            tr("The folder for the export does not exist."), tr("Choose another folder."),
        ),
        "export.io_error": (
            tr("The export could not be written. The case itself is safe."),
            tr("Check the disk or stick and its free space, then export again."),
        ),
        "export.no_portrait": (
            tr("The witness has not accepted a portrait yet."),
            tr("Let the witness accept it on this page, then export."),
        ),
        "export.bad_picture": (
            tr("A picture of the export could not be made ({step})."),
            tr("Nothing was written. Export again. ({why}, {bytes} bytes)"),
        ),
        "export.disk_full": (
            tr("The disk is full: no export was written. The case itself is safe."),
            tr("Free some space or choose another disk, then export again."),
        ),
        "export.not_accepted": (
            tr("The portrait was changed after the witness had accepted it."),
            tr("Let the witness confirm it again, then export."),
        ),
        "round.answer_without_pick": (
            tr("No face is picked."), tr("Pick one, or say: none of these, or not sure."),
        ),
        "portrait.not_drawn": (
            tr("The portrait is still being drawn."), tr("Try again in a moment."),
        ),
        "overlay.too_many": (
            tr("There are too many things on this portrait."), tr("Take something off first."),
        ),
        "region.too_many": (tr("There are too many parts."), tr("Forget one first.")),
        "round.incomplete": (
            tr("Not all faces of this array arrived."), tr("Show new faces."),
        ),
        "portable.not_made": (
            tr("The program's own folder cannot be written: {folder}"),
            tr("Copy the whole program to a stick or folder of your own, and start it there."),
        ),
        "sheet.not_saved": (
            tr("The sheet could not be written to {file}."),
            tr("Choose another folder, and check the disk or stick."),
        ),
        "settings.not_saved": (
            tr("The settings could not be saved."), tr("They hold until the program is closed."),
        ),
        "attribute.bad_value": (
            tr("This value does not belong to this feature."), tr("Choose one from the list."),
        ),
    }
