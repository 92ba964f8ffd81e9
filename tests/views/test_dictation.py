"""Dictation with the real recogniser process, real libvosk and a microphone that plays tones."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.models.errors import PortraitError
from app.models.recordings import recordings
from app.models.settings import Settings
from app.models.speech import Word
from app.views.controller import Controller
from app.views.dictation import DictationPanel
from app.views.interview_page import InterviewPage, RecallPanel
from app.views.microphone import Microphone, explained, input_names, level, open_named
from app.views.recordings_dialog import RecordingsDialog
from app.views.speech_words import speech_sentence
from tests.views.tone_speech import PlayingMicrophone, tones

SENTENCE = "he has short brown hair a square jaw and a thick moustache"
MICROPHONE_CODES = (
    "no_library",
    "none",
    "chosen_gone",
    "busy",
    "denied",
    "failed",
    "unplugged",
    "silent",
)
MakePanel = Callable[..., DictationPanel]


@pytest.fixture
def make_panel(qtbot: QtBot, shared_data: Path) -> Iterator[MakePanel]:
    made = []

    def make(sound: bytes, **more: object) -> DictationPanel:
        microphone = Microphone(PlayingMicrophone(sound))
        model = ("--model", str(shared_data / "vosk-toy" / "lookahead"), "--free")
        panel = DictationPanel(lambda: "en", microphone, recogniser_arguments=model, **more)  # type: ignore[arg-type]
        qtbot.addWidget(panel)
        panel.show()
        made.append(panel)
        return panel

    yield make
    for panel in made:
        panel.shut_down()


def heard_everything(panel: DictationPanel) -> bool:
    return panel.text.split()[-1:] == ["moustache"]


@pytest.mark.shared_data
def test_what_is_said_appears_and_is_handed_over(
    make_panel: MakePanel, shared_data: Path, qtbot: QtBot
) -> None:
    panel = make_panel(tones(shared_data, SENTENCE))
    partials: list[str] = []
    panel.recogniser.partial.connect(partials.append)
    panel.record.click()
    assert panel.record.text() == "Stop"
    qtbot.waitUntil(lambda: heard_everything(panel), timeout=20000)
    panel.record.click()
    qtbot.waitUntil(lambda: panel.state == "idle", timeout=30000)
    assert panel.text == SENTENCE
    assert any(SENTENCE.startswith(p) and p != SENTENCE for p in partials if p)
    handed: list[str] = []
    sounds: list[bytes] = []
    panel.text_ready.connect(handed.append)
    panel.recorded.connect(lambda words, wav: sounds.append(wav))
    panel.use.click()
    assert handed == [SENTENCE]
    assert sounds[0].startswith(b"RIFF")
    assert panel.words == ()


@pytest.mark.shared_data
def test_a_killed_recogniser_costs_no_word_and_recording_goes_on(
    make_panel: MakePanel, shared_data: Path, qtbot: QtBot
) -> None:
    panel = make_panel(tones(shared_data, SENTENCE))
    panel.microphone._open_stream.pace_s = 0.05  # type: ignore[union-attr, attr-defined]
    partials: list[str] = []
    panel.recogniser.partial.connect(partials.append)
    panel.start()
    qtbot.waitUntil(lambda: len(partials) >= 2, timeout=20000)
    recorded = len(panel.recording)
    os.kill(panel.recogniser.process_id, signal.SIGKILL)
    qtbot.waitUntil(lambda: panel._restarts == 1, timeout=5000)
    assert panel.state == "recording"
    qtbot.waitUntil(lambda: len(panel.recording) > recorded, timeout=5000)
    assert "started again" in panel.status.text()
    qtbot.waitUntil(lambda: heard_everything(panel), timeout=20000)
    assert panel.text == SENTENCE


@pytest.mark.shared_data
def test_pause_stops_listening_and_a_word_can_be_heard_again(
    make_panel: MakePanel, shared_data: Path, qtbot: QtBot
) -> None:
    played: list[bytes] = []
    panel = make_panel(tones(shared_data, "brown hair"), player=played.append)
    panel.start()
    qtbot.waitUntil(lambda: panel.text == "brown hair", timeout=20000)
    panel.pause.click()
    assert panel.state == "paused"
    assert not panel.microphone.is_open
    length = len(panel.recording)
    qtbot.wait(50)
    assert len(panel.recording) == length
    panel.heard.word_chosen.emit(1)
    assert 0.1 * 32000 < len(played[0]) < 1.5 * 32000
    panel.pause.click()
    assert panel.state == "recording"
    panel.stop()


@pytest.mark.shared_data
def test_a_hidden_page_records_nobody(
    make_panel: MakePanel, shared_data: Path, qtbot: QtBot
) -> None:
    panel = make_panel(tones(shared_data, "brown hair"))
    panel.start()
    panel.hide()
    assert not panel.microphone.is_open
    qtbot.waitUntil(lambda: panel.state == "idle", timeout=20000)


def test_without_a_microphone_a_calm_sentence_and_typing(qtbot: QtBot) -> None:
    def refuse(take: object) -> None:
        raise PortraitError("microphone.none")

    panel = DictationPanel(microphone=Microphone(refuse))  # type: ignore[arg-type]
    qtbot.addWidget(panel)
    panel.start()
    assert panel.state == "idle"
    assert "No microphone" in panel.status.text()
    assert not panel.recogniser.is_running


def test_every_state_of_the_microphone_has_its_own_sentence() -> None:
    sentences = [speech_sentence(f"microphone.{code}") for code in MICROPHONE_CODES]
    assert len({*sentences, speech_sentence("anything else")}) == len(MICROPHONE_CODES) + 1


def test_the_drivers_complaints_are_told_apart() -> None:
    assert explained(OSError("Error querying device -1")).code == "microphone.none"
    assert explained(OSError("Device unavailable", -9985)).code == "microphone.busy"
    assert explained(OSError("Permission denied")).code == "microphone.denied"
    assert explained(OSError("something else")).code == "microphone.failed"


def test_this_machines_sound_system_is_explained_too() -> None:
    """No sound card in a test machine: whichever state it is in, it is one of ours."""
    code = "microphone.none"
    try:
        open_named("", lambda pcm: None).close()
    except PortraitError as error:
        code = error.code
    assert code.removeprefix("microphone.") in MICROPHONE_CODES


def test_an_unplugged_microphone_keeps_what_was_said(qtbot: QtBot) -> None:
    class Dumb:
        def start(self) -> None: ...
        def stop(self) -> None:
            raise OSError("gone")

        def close(self) -> None: ...

    microphone = Microphone(lambda take: Dumb())
    microphone._watch.setInterval(30)
    panel = DictationPanel(microphone=microphone)
    qtbot.addWidget(panel)
    panel.stretches = [(Word("beard", 0.0, 0.5, 0.9),)]
    microphone.open()
    panel.state = "recording"
    with qtbot.waitSignal(microphone.lost):
        pass
    assert panel.text == "beard"
    assert "gone" in panel.status.text()
    assert panel.state == "idle"


def test_doubtful_words_are_underlined_and_every_word_is_a_link(qtbot: QtBot) -> None:
    panel = DictationPanel(microphone=Microphone(lambda take: None))  # type: ignore[arg-type, return-value]
    qtbot.addWidget(panel)
    panel._on_words((Word("grey", 0.0, 0.3, 0.9), Word("<b>beard", 0.3, 0.8, 0.2)))
    document = panel.heard.document()
    assert document.toPlainText().split() == ["grey", "<b>beard"]
    formats = [fragment.charFormat() for fragment in fragments(panel) if fragment.text().strip()]
    assert [f.anchorHref() for f in formats] == ["word:0", "word:1"]
    none = formats[0].UnderlineStyle.NoUnderline
    assert formats[0].underlineStyle() == none
    assert formats[1].underlineStyle() != none


def fragments(panel: DictationPanel) -> list:  # type: ignore[type-arg]
    block = panel.heard.document().begin()
    iterator, out = block.begin(), []
    while not iterator.atEnd():
        out.append(iterator.fragment())
        iterator += 1
    return out


def test_the_meter_follows_the_loudness() -> None:
    loud = (b"\xff\x3f\x01\xc0") * 800
    assert level(bytes(3200)) == 0.0
    assert 0.8 < level(loud) <= 1.0
    assert 0.2 < level(b"\x00\x02\x00\xfe" * 800) < 0.7


# ------------------------------------------------------------------ choosing, and keeping sound


class Quiet:
    """A stream that gives nothing."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def close(self) -> None: ...


def test_the_chosen_microphone_is_opened_by_its_name(
    qapp: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[dict[str, object]] = []
    looked: list[str] = []

    class PortAudioError(Exception):
        pass

    class Library:
        def __init__(self) -> None:
            self.PortAudioError = PortAudioError

        def stop(self) -> None: ...
        def _terminate(self) -> None:
            looked.append("terminate")

        def _initialize(self) -> None:
            looked.append("initialize")

        def query_devices(self, device: object = None, kind: object = None) -> object:
            speakers = {"name": "Desk", "max_input_channels": 0, "default_samplerate": 48000.0}
            desk = {**speakers, "max_input_channels": 1}
            return desk if kind else [speakers, desk]

        def RawInputStream(self, **wanted: object) -> object:
            opened.append(wanted)
            if wanted["samplerate"] == 16000:
                raise PortAudioError("Invalid sample rate", -9997)
            return "stream"

    monkeypatch.setitem(sys.modules, "sounddevice", Library())
    assert open_named("Desk", lambda pcm: None) == "stream"
    assert [o["device"] for o in opened] == [1, 1]
    assert opened[-1]["samplerate"] == 48000
    assert looked == ["terminate", "initialize"]  # a microphone plugged in since is seen
    assert input_names() == ("Desk",)
    looked.clear()
    listening = Microphone(lambda take: Quiet())
    listening.open()
    assert input_names() == ("Desk",)
    assert looked == []  # a restart would end the recording
    listening.close()
    assert input_names() == ("Desk",)
    assert looked == ["terminate", "initialize"]
    with pytest.raises(PortraitError) as caught:
        open_named("Headset", lambda pcm: None)
    assert caught.value.code == "microphone.chosen_gone"


def test_what_is_chosen_reaches_the_recogniser(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(any_words=True, speech_model="/models/x")
    panel = DictationPanel(microphone=Microphone(lambda take: None), settings=lambda: settings)  # type: ignore[arg-type, return-value]
    qtbot.addWidget(panel)
    started: list[tuple[object, ...]] = []
    monkeypatch.setattr(panel.recogniser, "start", lambda *wanted: started.append(wanted))
    panel._start_recogniser(0)
    assert started == [("en", 0.0, ("--prefer", "/models/x", "--free"))]


WORDS = (Word("grey", 0.2, 0.5, 0.9), Word("beard", 0.6, 1.0, 0.2))


def sound_of_seconds(seconds: int) -> bytes:
    samples = np.random.default_rng(5).integers(-9000, 9000, seconds * 16000)
    return samples.astype("<i2").tobytes()


@pytest.mark.parametrize("keep", [False, True])
def test_the_sound_stays_in_the_case_only_if_policy_says_so(
    practice: Controller, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, keep: bool
) -> None:
    monkeypatch.setattr("app.models.recordings.PIECE_S", 2)
    monkeypatch.setattr("app.views.sound_pieces.PIECE_S", 2)
    practice.change_settings(keep_audio=keep)
    panel = RecallPanel(practice)
    qtbot.addWidget(panel)
    pcm = sound_of_seconds(5)
    panel.dictation.stretches = [WORDS]
    panel.dictation.recording += pcm
    panel.dictation.use_words()
    assert practice.session.recall == "grey beard"
    assert practice.case is not None
    kept = [e for e in practice.case.events() if e.kind == "dictation.sound"]
    assert len(kept) == (3 if keep else 0)
    played: list[bytes] = []
    dialog = RecordingsDialog(practice.case, player=played.append)
    qtbot.addWidget(dialog)
    assert dialog.texts[0].toPlainText().split() == ["grey", "beard"]
    dialog.texts[0].word_chosen.emit(1)
    expected = pcm[int((0.6 - 0.15) * 16000) * 2 : int((1.0 + 0.15) * 16000) * 2]
    assert played == ([expected] if keep else [])
    if keep:
        dialog.play_all(recordings(practice.case)[0])
        assert played[1] == pcm


def test_a_recording_whose_piece_is_missing_is_said_calmly(
    practice: Controller, qtbot: QtBot
) -> None:
    heard = {"words": [w.to_json() for w in WORDS], "wav_sha256": "0" * 64, "sounds": ["ab" * 32]}
    practice.record("dictation.heard", heard, actor="witness")
    assert practice.case is not None
    dialog = RecordingsDialog(practice.case, player=lambda pcm: None)
    qtbot.addWidget(dialog)
    dialog.texts[0].word_chosen.emit(0)
    assert dialog.status.text() == speech_sentence("speech.no_sound")


def test_words_not_used_yet_are_kept_when_the_page_is_left(
    practice: Controller, qtbot: QtBot
) -> None:
    page = InterviewPage(practice)
    qtbot.addWidget(page)
    page.recall.dictation.stretches = [WORDS]
    page.recall.dictation.recording += sound_of_seconds(1)
    page.flush()
    assert practice.session.recall == "grey beard"
    page.flush()
    assert practice.session.recall == "grey beard"


def test_who_dictates_is_not_away(practice: Controller, qtbot: QtBot) -> None:
    panel = RecallPanel(practice)
    qtbot.addWidget(panel)
    with qtbot.waitSignal(practice.used):
        panel.dictation.recogniser.partial.emit("grey")
