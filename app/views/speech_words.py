"""The sentences of dictation: one for each state of the microphone and of the recogniser."""

from __future__ import annotations

from app.views.translation import tr


def speech_sentence(code: str) -> str:
    """What to tell the officer; typing is always possible, and the sentence says so."""
    sentences = {
        "microphone.no_library": tr(
            "Sound cannot be recorded: the system's sound library (PortAudio) is not installed. "
            "Typing works as always."
        ),
        "microphone.none": tr("No microphone is connected. Plug one in and press again, or type."),
        "microphone.chosen_gone": tr(
            "The chosen microphone is not connected. Plug it in, choose another one, or type."
        ),
        "microphone.busy": tr(
            "Another program is using the microphone. Close it and press again, or type."
        ),
        "microphone.denied": tr(
            "The system does not allow this program to use the microphone. Allow it in the "
            "system's settings, or type."
        ),
        "microphone.failed": tr("The microphone could not be started. Try again, or type."),
        "microphone.unplugged": tr(
            "The microphone has gone. What was said so far is kept. Plug it in and press again, "
            "or type."
        ),
        "microphone.silent": tr(
            "The microphone gives no sound at all. Is it muted, or is its switch off?"
        ),
        "speaker.failed": tr("The recording cannot be played: no loudspeaker was found."),
        "speech.no_sound": tr("The sound of this dictation cannot be found in the case file."),
        "speech.gone": tr(
            "The recogniser stopped and was started again. Recording went on; no sound is lost."
        ),
        "speech.died": tr(
            "The recogniser keeps stopping. Recording goes on, but please type the words."
        ),
        "speech.no_language": tr(
            "No speech model for this language is installed. Typing works as always."
        ),
        "speech.no_model": tr(
            "The chosen folder holds no Vosk model. Choose another one. Typing works as always."
        ),
        "speech.no_cache": tr("The recogniser's files cannot be written; is the disk full?"),
        "speech.not_started": tr("The recogniser could not be started. Typing works as always."),
    }
    return sentences.get(code, tr("Dictation does not work just now. Typing works as always."))
