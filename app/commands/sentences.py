"""The command line's words for each error code: what is wrong and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from app.models.errors import PortraitError

COPY_AGAIN = "copy the model folder again from where it came"
SEE_FORMATS = "resources/formats says what is expected"
REPORT = "nothing was stored; please report this"

ABOUT_THE_MACHINE = {
    "cancelled": "stopped on request",
    "display.none": (
        "no screen was found (neither DISPLAY nor WAYLAND_DISPLAY is set); start it from a desktop "
        "session, or use the commands (portrait-parle --help), which need no screen"
    ),
    "display.unreachable": (
        "the screen {display} does not answer; start it from a desktop session, or use the "
        "commands (portrait-parle --help), which need no screen"
    ),
    "display.libraries": (
        "system libraries that the window needs are missing: {missing}; "
        "on Debian: apt-get install {packages}"
    ),
    "export.no_font": "no font is installed; on Debian: apt-get install fonts-dejavu-core",
    "morph.not_sealed": "{file}: this is no sealed export in order: {why}",
    "morph.no_recipe": (
        "{file}: a bundle of the profile {profile} holds no recipe; export full or defence"
    ),
    "morph.count": "{found} bundles were given; a morph takes {least} to {most}",
    "morph.same_witness": (
        "{file}: two of these bundles are of one case file, and so of one witness; give one each"
    ),
    "overlay.unknown": "there is no drawing named {name}; there are: {known}",
    "overlay.unreadable": (
        "what lies on this portrait cannot be read ({why}); use a recipe as it was written"
    ),
    "region.unreadable": "a painted part of this portrait cannot be read ({why})",
    "model.no_landmarks": "{file}: this model has no landmark net; the mean face is used",
    "media.missing": "{file}: there is no such file; check the path",
    "media.no_file": "{file}: this is no ordinary file; give the file itself",
    "media.unreadable": "{file}: it cannot be read ({why}); check the path and its permissions",
    "media.empty": "{file}: the file is empty; copy it again from where it came",
    "media.too_big": (
        "{file}: {megabytes} MB is more than the {limit} MB that are read; save a smaller copy"
    ),
    "media.kind": "{file}: not one of the kinds that are read ({wanted}); save it as one of them",
    "media.damaged": "{file}: the file is damaged or cut short; copy it again from where it came",
    "media.too_many_pixels": (
        "{file}: the picture has more pixels than the {limit} million that are read; "
        "save it smaller"
    ),
    "media.no_pcm": "{file}: the sound in it is compressed; save it as PCM WAV or FLAC",
    "media.false_size": (
        "{file}: its header promises far more sound than the file holds; copy it again, or save it"
        " anew with another program"
    ),
    "media.broken_off": "{file}: the sound breaks off after {second} s; copy it again",
    "media.too_slow": "{file}: decoding took longer than {seconds} s and was stopped; save it anew",
    "media.worker_died": (
        "{file}: the decoding process failed on it, nothing else was touched; save it anew"
    ),
    "note.no_text": (
        "{file}: no writing was found in it; take the picture closer, in good light, or type it"
    ),
    "package.missing": "the Python package {package} is not installed; run: python3 run.py setup",
    "speech.died": (
        "the recogniser stopped on its own; try again, or choose the built-in one with --embedded"
    ),
    "speech.no_cache": (
        "{file}: the recogniser's files cannot be written there ({why}); free space or permissions"
    ),
    "speech.no_language": (
        "no speech model for language {language} was found; put a vosk model of it into the data "
        "folder or name its folder with --model"
    ),
    "speech.no_model": "{file}: this is no vosk model folder (am/final.mdl, conf/, graph/)",
    "resource.missing": (
        "{file}: a file that ships with the program is missing; get a whole copy of it, or set "
        "{variable} to the folder of its resources"
    ),
    "settings.bad_value": "the setting {name} cannot be {value}; choose another value",
    "vocabulary.unreadable": "{file}: the vocabulary cannot be read ({why}); get a whole copy",
}

ABOUT_CASES = {
    "case.missing": "{file}: there is no such case file; check the path, or start without one",
    "case.no_folder": "{folder}: there is no such folder; make it first, or name another",
    "case.busy": "{file}: another program is using the case; close it there and try again",
    "case.bad_recovery_key": "this is no recovery key ({why}); use the PEM file made for it",
    "case.wrong_recovery_key": "this recovery key is another one; the case was made for {made_for}",
    "case.kdf_out_of_bounds": (
        "the case asks for {memory_kib} KiB and {passes} passes to check a passphrase, which is "
        "outside what is allowed; the file may have been tampered with"
    ),
    "case.no_such_event": "the case has no step {seq}; case info says how many there are",
    "case.no_such_picture": "the case holds no picture {picture}; case verify tells if it is whole",
    "case.event_too_large": "a step of kind {kind} with {bytes} bytes is too large for a case",
    "case.sqlite_too_old": "SQLite {found} is too old for case files; run: python3 run.py setup",
    "case.bad_descriptor": "--passphrase-fd {descriptor}: nothing can be read there ({why})",
    "case.bad_kdf": "{given}: not a cost that a passphrase check can have",
    "case.passphrase_not_text": "the passphrase is not UTF-8 text",
    "case.passphrases_differ": "the two passphrases are not the same; type them again",
    "case.weak_passphrase": (
        "this passphrase is easy to guess: {why}; nothing else slows down guessing on a stolen "
        "file, so take a longer one, six words for example"
    ),
    "event.bad_actor": "a step cannot be done by {actor}; " + REPORT,
    "event.bad_kind": "{kind} is not a kind of step; " + REPORT,
    "event.bad_picture": "picture {number} of the step is no PNG ({bytes} bytes); " + REPORT,
    "event.not_json": "the step cannot be written as JSON ({why}); " + REPORT,
    "export.bad_picture": "a picture failed ({step}: {why}, {bytes} bytes); export again",
    "export.disk_full": "{path}: the disk is full, and no export was left there; free some space",
    "export.exists": "{path}: there is something already; name another destination",
    "export.io_error": "{path}: the export could not be written ({why}); check the disk",
    "export.not_accepted": "the witness has not accepted a portrait yet; accept one, then export",
    "export.running": "an export is being written already; wait for it to end",
    "export.no_folder": "{folder}: there is no such folder; make it first, or name another",
    "export.no_picture": "the case holds no picture of the portrait accepted in step {seq}",
    "export.no_portrait": "case {reference} has no accepted portrait yet; accept one, then export",
    "export.unknown_profile": "there is no export profile {profile}; there are: {known}",
}

ABOUT_VALUES = {
    "attribute.unknown": "there is no attribute {name}; there are: {known}",
    "attribute.bad_value": "{value} is not a value of {name}; there are: {known}",
    "blend.bad_weights": "{recipes} faces need as many weights, 0 or more and not all 0",
    "blend.other_model": "faces of two different models cannot be blended",
    "simulate.bad_ledger": "{file}, line {line}: no sitting ({why}); name another file",
    "blend.unknown_region": "there is no region {region}; known: {known}",
    "description.empty": "no description was given; use --text, or - to read one from stdin",
    "describe.empty": "{where}: there are no words to read; say what the face looked like",
    "describe.not_text": "{where}: this is no text in UTF-8; save it as plain text and try again",
    "describe.too_long": "{characters} characters are too long to read at once (at most {most})",
    "edit.bad_setting": "--set {setting}: write it as NAME=VALUE",
    "edit.no_direction": "this model cannot move {name} to {value}; models info lists what it can",
    "edit.not_a_number": "--set {name}={value}: the value must be a number, or one of its words",
    "edit.out_of_range": "--set {name}={value}: outside {low} to {high}",
    "direction.unknown": "the model has no direction {name}; it has: {known}",
    "description.unreadable": "the description cannot be read ({why}); " + SEE_FORMATS,
    "propose.bad_count": "an array cannot have {count} faces; choose 1 to {most}",
    "propose.unknown_strategy": "there is no search strategy {strategy}; posterior or evolution",
    "recipe.bad_latent": "the recipe's latent has the wrong size; " + SEE_FORMATS,
    "recipe.not_finite": "the recipe's latent holds numbers that are not finite",
    "recipe.other_model": (
        "the recipe was made with model {found}, the one loaded is {expected}; "
        "name the right one with --model"
    ),
    "recipe.unknown_format": "the recipe's format {found} is not known here; " + SEE_FORMATS,
    "recipe.unknown_origin": "the recipe's origin {found} is not known here; " + SEE_FORMATS,
    "recipe.unreadable": "the recipe cannot be read ({why}); " + SEE_FORMATS,
    "round.answer_without_pick": "the answer {answer} does not go with the picks {picks}",
    "round.bad_picks": "the picks {picks} are not all among the {faces} faces shown",
    "round.unreadable": "the round cannot be read ({why})",
    "session.bad_rating": "{rating} is not a rating; use the scale that the witness was shown",
    "file.too_large": "{file}: larger than the {limit} bytes that are read",
    "latent.unreadable": "{file}: no array of latents can be read ({why}); " + SEE_FORMATS,
    "out.exists": "{file}: there is something already; name an empty folder",
    "out.is_a_folder": "{file}: is a folder; name the file to be written",
    "out.not_a_folder": "{file}: results cannot be put there ({why}); name another folder",
    "out.not_written": "{file}: the result could not be written; check the folder and the disk",
    "note.unreadable": "the note that was read cannot be understood ({why}); " + SEE_FORMATS,
    "picture.unreadable": "{file}: no picture can be read ({why}); use a PNG or JPEG file",
    "recipe.no_such_face": "{file}: there is no face {index}; the file holds {count}",
    "file.missing": "{file}: there is no such file; check the path",
    "language.unknown": "the language {language} is not known here; there are: {known}",
    "sketch.bad_size": "a sketch cannot be {size} pixels wide; choose 64 to 4096",
    "sketch.unknown_style": "there is no sketch style {style}; there are: {known}",
    "photo.no_face": "{file}: no face was found; use a photo in which one face is seen frontally",
    "video.bad_pace": "{every_s} s between two looks; give 0 (chosen by length) to 60",
    "video.bad_frames": "{file}: these frames cannot be asked for; give at most {most} numbers",
    "video.no_frames": "{file}: no frame was named; choose at least one",
    "video.no_such_face": "{file}: no face was found in the frames named; scan the video again",
    "enhance.bad_count": "{count} possible faces; ask for 2 to {most}, since one would mislead",
    "photo.no_such_face": "{file}: there is no face number {face}; {count} faces were found",
    "encode.bad_effort": "{steps} steps in {seconds} s cannot be meant; ask for up to an hour",
    "interpolate.bad_steps": "{steps} steps between two faces; ask for 2 to {most}",
    "photo.several_faces": "{file}: {count} faces were found; cut the photo down to one",
    "photo.turned": "{file}: the face is turned away ({degrees} degrees); use a frontal photo",
    "photo.sunglasses": "{file}: dark glasses hide the eyes; use a photo without them",
    "photo.covered": "{file}: much of the face is covered; use a photo of the whole face",
    "photo.face_too_small": "{file}: the face is only {width} pixels wide; use a larger photo",
}

ABOUT_LINEUPS = {
    "fairness.bad_member": "member {number} was chosen, but the lineup has {size}",
    "fairness.bad_size": "a lineup of {size} has no fairness; it needs 2 members or more",
    "fairness.no_choices": "nobody has chosen yet; fairness is counted from choices",
    "lineup.answered_already": "this showing has its answer; a second one is not taken",
    "lineup.bad_answer": "{answer} is no answer; picked with a place, none, or not_sure",
    "lineup.bad_order": "the order is not the one that its seed draws for {members} members",
    "lineup.is_composite": "{reference} is a composite's case; lineups have files of their own",
    "lineup.is_lineup": "{reference} is a lineup; it is opened under Lineup, not as a case",
    "lineup.never_unsealed": "{what} never passes between a composite and a lineup",
    "lineup.no_reason": "nothing is unsealed without the officer's name and a reason",
    "lineup.no_showing": "nothing is being shown",
    "lineup.not_answered": "how sure the witness is comes after the answer",
    "lineup.nothing_to_undo": "there is no array to go back to, or a witness has seen this one",
    "lineup.nothing_to_unseal": "{reference} holds no description yet",
    "lineup.showing_open": "the last showing has not ended; end it first",
    "lineup.shown_already": "a witness has seen this array; it does not change any more",
    "lineup.shown_to_witness": "witness {who} has seen this lineup; it is not shown twice",
    "lineup.tuned_too_large": "fine-tuned weights of {bytes} bytes are too large to keep",
    "lineup.bad_choice": "{value} is not known here; there are: {known}",
    "lineup.bad_count": "a lineup cannot have {count} members or fillers; up to {most}",
    "lineup.bad_seconds": "fine-tuning cannot take {seconds} s; give 1 to {most}",
    "lineup.no_array": "the lineup has no array yet; make one first",
    "lineup.picture_lost": "a picture of the lineup cannot be read; make the array again",
    "lineup.suspect_stays": "the suspect stays in the lineup; change a filler instead",
    "lineup.no_others": "there is nobody in the lineup to be apart from",
    "lineup.no_seed": "fillers need a suspect's photograph, a description, or both",
    "lineup.no_suspect": "the lineup has no suspect yet; add the photograph first",
    "lineup.no_weights": "the fine-tuned weights {sha256} are not loaded; fine-tune again",
    "lineup.not_changeable": "{source}: only faces drawn by the model can be changed; replace it",
    "lineup.too_few_photos": "only {found} photographs can be used, {wanted} are needed; add more",
    "lineup.weights_changed": "the fine-tuned weights are not those that were kept; tune again",
    "lineup.unreadable": "the lineup cannot be read ({why}); " + SEE_FORMATS,
}

ABOUT_MODELS = {
    "bench.unreadable": "{file}: the figures to compare with cannot be read ({why})",
    "engine.unknown_request": "the engine does not know how to do {name}; " + REPORT,
    "fetch.bad_address": "{url}: only https addresses are used; name another with --from",
    "fetch.bad_archive": "{file}: the archive is refused ({why}); nothing was put in place",
    "fetch.bad_list": "{file}: the list of models cannot be read ({why}); install this again",
    "fetch.cut_off": "{url}: broke off after {done} of {size} bytes; run it again to go on",
    "fetch.no_space": "{file}: there is not enough room ({why}); free some and run it again",
    "fetch.not_a_model": "{name}: what came is no model of that kind; nothing was put in place",
    "fetch.not_accepted": "{name}: its licence was not accepted, so nothing was fetched; --accept",
    "fetch.not_pinned": (
        "{name}: its true SHA-256 is not known here, so what comes could not be verified; get it "
        "yourself and name its folder"
    ),
    "fetch.not_written": "{file}: the model could not be written there ({why})",
    "fetch.redirected": "{url}: sends on to {to}, which is not followed; name a mirror with --from",
    "fetch.running": "{name}: is being fetched by another program just now; wait for it",
    "fetch.server_refused": "{url}: the server says no ({status}); try later or use --from",
    "fetch.unknown": "there is no model {name} in the list; there are: {known}",
    "fetch.unreachable": "{url}: cannot be reached ({why}); use --file with a copy brought by hand",
    "fetch.wrong_hash": (
        "{name}: what came is not the pinned file (SHA-256 {found}, expected {expected}); it was "
        "thrown away"
    ),
    "fetch.wrong_size": "{url}: {found} bytes instead of {size}; this is not the pinned file",
    "import.refused": "{file}: refused, since it holds more than tensors ({why})",
    "model.bad_offsets": "{file}: tensor {tensor} lies outside the file; " + COPY_AGAIN,
    "model.bad_effects_size": "side effects cannot be measured on {size} faces; give 20 to 10000",
    "model.unknown_direction": "{file}: {name} has no measure of its own; only directions of the "
    "vocabulary can be measured",
    "model.bad_bank_size": "a bank of {size} faces cannot be made; give 30 to 100000",
    "model.bad_name": "{name}: not a name for a model; a folder name is needed",
    "model.bad_psi": "a truncation of {psi} cannot be used; give a number above 0, up to 2",
    "model.exists": "{file}: there is a model of that name already; choose another name",
    "model.card_unreadable": "{file}: the model's card cannot be read ({why}); " + SEE_FORMATS,
    "model.file_missing": "{file}: the file is missing or cannot be opened; " + COPY_AGAIN,
    "model.header_too_large": "{file}: a header of {bytes} bytes is refused (limit {limit})",
    "model.header_unreadable": "{file}: the header cannot be read ({why}); " + COPY_AGAIN,
    "model.leaves_folder": "{file}: lies outside the model's folder and is not read",
    "model.missing_tensor": "{file}: tensor {tensor} is missing; is it a model of this kind?",
    "model.no_attribute_net": "{file}: the model has no attribute net, so it cannot read faces",
    "model.not_installed": "model {sha256} is not installed; models list shows which are",
    "model.no_sketch_net": "{file}: the model has no sketch net, so it cannot read drawings",
    "model.no_reader": "{file}: needed to read photos and not there; " + COPY_AGAIN,
    "model.not_finite": "{file}: tensor {tensor} holds numbers that are not finite; " + COPY_AGAIN,
    "model.too_large": "{file}: larger than the {limit} bytes that are read",
    "model.truncated": "{file}: the file ends too early; " + COPY_AGAIN,
    "model.unexpected_tensor": "{file}: tensor {tensor} does not belong to this kind of model",
    "model.unknown_filter": "{file}: tensor {tensor} is a filter that is not supported",
    "model.unreadable": "{file}: the model cannot be read ({why}); " + COPY_AGAIN,
    "model.wrong_shape": "{file}: tensor {tensor} has shape {found}, expected {expected}",
    "model.wrong_type": "{file}: tensor {tensor} has type {found}, which is not supported",
    "speech.died": "the recogniser stopped without an answer; try another recording or recogniser",
    "speech.no_cache": "{file}: dictation's words cannot be kept there ({why}); check the disk",
    "speech.no_language": "nothing here listens in {language}; name a Vosk model that does",
    "speech.no_model": "{file}: this is no Vosk model; one holds am/final.mdl and conf/model.conf",
    "speech.unreadable": "the transcript cannot be read ({why}); " + SEE_FORMATS,
    "speech.bad_templates": "{file}: the phrases for dictation cannot be read ({why})",
    "training.bad_minutes": "--minutes {minutes} is no usable time; give a number above 0",
    "training.mapping_needs_two_layers": "the mapping has {found} layers; this needs two",
    "training.no_photos": "{file}: no folder with JPEG or PNG pictures; --photos names it",
    "training.bad_label": "{file}, line {line}: {column} cannot be {value!r}; correct the table",
    "training.too_few_faces": "only {count} faces were kept, {least} are the least; see "
    "prepared/journal.jsonl for the reasons and add pictures",
    "training.time_is_up": "the {minutes} minutes are over and what was looked at is kept; run the "
    "same command again to go on",
    "training.bad_face": "face {index} of the training data cannot be read; copy it again",
    "training.missing_file": "{file}: training data is missing; --data names its folder",
    "training.run_step_first": "{file}: not there yet; run the step {step} first",
}

SENTENCES: dict[str, str] = {
    **ABOUT_THE_MACHINE, **ABOUT_CASES, **ABOUT_VALUES, **ABOUT_LINEUPS, **ABOUT_MODELS
}  # fmt: skip


def sentence(error: PortraitError) -> str:
    """One line for the officer's terminal, naming the file where the facts have one.

    Codes that the command line has no words of its own for are said in the window's words; codes
    that nobody knows show themselves with their facts.
    """
    template = SENTENCES.get(error.code)
    text = template.format_map(_Facts(error.facts)) if template else _said_by_the_window(error)
    file = str(error.facts.get("file", ""))
    return f"{file}: {text}" if file and file not in text else text


def _said_by_the_window(error: PortraitError) -> str:
    try:
        from app.views.sentences import known_problems, problem_sentence
    except ImportError:  # no Qt on this machine
        return str(error)
    if error.code not in known_problems():
        return str(error)
    return " ".join(problem_sentence(error))


class _Facts(dict[str, object]):
    """Facts for a template; a fact that was not given shows as a question mark."""

    def __init__(self, facts: Mapping[str, object]) -> None:
        super().__init__(facts)

    def __missing__(self, key: str) -> str:
        return "?"
