"""Dictation with the real recogniser process, real libvosk and a microphone that plays tones."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.models.errors import PortraitError
from app.models.speech import Word
from app.views.dictation import DictationPanel
from app.views.microphone import Microphone, explained, level, open_default
from app.views.speech_words import speech_sentence
from tests.views.tone_speech import PlayingMicrophone, tones

SENTENCE = "he has short brown hair a square jaw and a thick moustache"
MICROPHONE_CODES = ("no_library", "none", "busy", "denied", "failed", "unplugged", "silent")
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
        open_default(lambda pcm: None).close()
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
