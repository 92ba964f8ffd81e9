"""Real recognisers on real sound: toy vosk models in tones, the embedded one on flite's voice."""

from __future__ import annotations

import json
import shutil
import subprocess
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.engine.speech import transcribe as module
from app.engine.speech.confidence import Heard, confidences
from app.engine.speech.face_language import face_language, pronunciations
from app.engine.speech.gate import RATE
from app.engine.speech.listener import Final, Listener, open_recogniser
from app.engine.speech.phrases import Templates, corpus, templates
from app.engine.speech.recognisers import (
    SphinxRecogniser,
    VoskRecogniser,
    known_phrases,
)
from app.engine.speech.transcribe import SpeechOptions, transcribe
from app.engine.speech.vosk_models import find_vosk_model, is_vosk_model
from app.main import main
from app.models.errors import BadInput
from app.models.speech import Word
from tests.views.tone_speech import tones

SENTENCE = "he has short brown hair a square jaw and a thick moustache"
EMBEDDED = SpeechOptions(embedded=True)
Say = Callable[[str], Path]


def stretches(listener: Listener, pcm: bytes) -> list[Final]:
    return [e for e in [*listener.feed(pcm), *listener.finish()] if isinstance(e, Final)]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder in which the face language is built once for all these tests."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        face_language()
    return folder


@pytest.fixture(scope="module")
def embedded(built: Path) -> SphinxRecogniser:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(built))
        return SphinxRecogniser()


@pytest.fixture
def cached(built: Path, own_folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This test's processes find the face language built."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(built))


@pytest.fixture
def tone_file(shared_data: Path, tmp_path: Path) -> Path:
    path = tmp_path / "tones.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes(tones(shared_data, SENTENCE))
    return path


@pytest.fixture
def say(tmp_path: Path) -> Say:
    """Speech of a synthetic voice as a WAV file."""
    if shutil.which("flite") is None:
        pytest.skip("flite, the synthetic voice, is not installed")

    def spoken(text: str) -> Path:
        path = tmp_path / "said.wav"
        subprocess.run(["flite", "-voice", "rms", "-t", text, "-o", str(path)], check=True)
        return path

    return spoken


# ------------------------------------------------------------------ vosk


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("model", "free"), [("static", False), ("lookahead", True), ("lookahead", False)]
)
def test_vosk_hears_tones_with_times(
    shared_data: Path, tone_file: Path, model: str, free: bool
) -> None:
    folder = str(shared_data / "vosk-toy" / model)
    heard = transcribe(tone_file, SpeechOptions(model=folder, free=free))
    assert heard.text == SENTENCE
    assert heard.recogniser.startswith("vosk")
    assert ("face phrases" in heard.recogniser) == (model == "lookahead" and not free)
    length = soundfile.info(str(tone_file)).duration
    times = [time for word in heard.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert times[-1] <= length


@pytest.mark.shared_data
def test_the_command_prints_words_times_confidence_and_recogniser(
    shared_data: Path, tone_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = str(shared_data / "vosk-toy" / "lookahead")
    assert main(["transcribe", str(tone_file), "--json", "--model", model]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert set(answer) == {"text", "words", "recogniser"}
    assert set(answer["words"][0]) == {"word", "start", "end", "confidence"}
    assert main(["transcribe", str(tone_file), "--model", str(tone_file.parent)]) == 3
    assert "am/final.mdl" in capsys.readouterr().err


@pytest.mark.shared_data
def test_models_are_found_in_the_data_folder_by_language(
    shared_data: Path, own_folders: Path
) -> None:
    import platformdirs

    assert find_vosk_model("en") is None
    place = platformdirs.user_data_path("portrait-parle", appauthor=False) / "speech"
    shutil.copytree(shared_data / "vosk-toy" / "lookahead", place / "vosk-model-small-en-us-0.1")
    shutil.copytree(shared_data / "vosk-toy" / "static", place / "vosk-model-fr-0.1")
    (place / "vosk-model-small-fr-broken" / "am").mkdir(parents=True)
    english, french = find_vosk_model("en"), find_vosk_model("fr")
    assert english is not None
    assert english.takes_phrases
    assert french is not None
    assert french.folder.name == "vosk-model-fr-0.1"
    assert not is_vosk_model(place)


@pytest.mark.shared_data
def test_only_phrases_that_the_model_can_say_are_given_to_it(shared_data: Path) -> None:
    model = find_vosk_model("en", shared_data / "vosk-toy" / "lookahead")
    assert model is not None
    recogniser = VoskRecogniser(model, "en")
    phrases = known_phrases(recogniser._model, "en")
    words = {word for phrase in phrases for word in phrase.split()}
    assert "hair" in words
    assert "beard" not in words  # the toy never heard of beards


def test_a_language_without_any_model_is_refused() -> None:
    with pytest.raises(BadInput) as caught:
        open_recogniser("fr")
    assert caught.value.code == "speech.no_language"


# ------------------------------------------------------------------ the embedded recogniser


def test_the_embedded_recogniser_hears_a_description(say: Say, cached: None) -> None:
    text = "he had short brown hair a square jaw and a thick moustache"
    heard = transcribe(say(text), EMBEDDED)
    assert heard.recogniser.startswith("pocketsphinx")
    wrong = sum(a != b for a, b in zip(heard.text.split(), text.split(), strict=False))
    assert wrong <= 2, heard.text
    assert sum(word.doubtful for word in heard.words) <= 2


def test_words_about_other_things_come_out_doubtful(say: Say, embedded: SphinxRecogniser) -> None:
    text = "my daughter called the police and we went back to the house"
    sound, rate = soundfile.read(say(text), dtype="int16")
    assert rate == RATE
    heard = [w for final in stretches(Listener(embedded), sound.tobytes()) for w in final.words]
    invented = [word for word in heard if word.word not in text.split()]
    assert invented
    assert sum(word.doubtful for word in invented) >= 0.6 * len(invented)


def test_a_voice_in_a_noisy_room_is_heard(say: Say, embedded: SphinxRecogniser) -> None:
    text = "he had a grey beard and short brown hair"
    sound, rate = soundfile.read(say(text), dtype="float32")
    assert rate == RATE
    room = np.random.default_rng(6).normal(0, 0.007, len(sound) + 3 * RATE)  # 20 dB below him
    room[int(1.5 * RATE) : int(1.5 * RATE) + len(sound)] += sound * (0.3 / np.abs(sound).max())
    data = (np.clip(room, -1, 1) * 32767).astype("<i2").tobytes()
    listener = Listener(embedded)
    finals = [e for at in range(0, len(data), 3200) for e in listener.feed(data[at : at + 3200])]
    heard = [w.word for f in (*finals, *listener.finish()) if isinstance(f, Final) for w in f.words]
    assert listener._reducer is not None
    assert len(set(heard) & set(text.split())) >= 5, heard


@pytest.mark.parametrize("kind", ["silence", "hiss", "hum", "waves", "knocks"])
def test_nothing_is_heard_where_nothing_is_said(embedded: SphinxRecogniser, kind: str) -> None:
    random, t = np.random.default_rng(3), np.arange(RATE * 12) / RATE
    hiss = random.normal(0, 0.05, len(t))
    sounds = {
        "silence": np.zeros(len(t)),
        "hiss": hiss,
        "hum": 0.2 * np.sin(2 * np.pi * 50 * t),
        "waves": hiss * (1 + np.sin(2 * np.pi * 3 * t)),
        "knocks": np.where(random.random(len(t)) < 0.0003, 0.8, 0.0),
    }
    data = (np.clip(sounds[kind], -1, 1) * 32767).astype("<i2").tobytes()
    assert [w for final in stretches(Listener(embedded), data) for w in final.words] == []


def test_the_language_is_built_once_and_knows_our_own_words(cached: None) -> None:
    built = face_language()
    assert {"sideburns", "moustache", "goatee", "hoodie"} <= built.words
    before = built.model.stat().st_mtime_ns
    assert face_language().model.stat().st_mtime_ns == before


def test_every_word_of_the_templates_can_be_pronounced() -> None:
    known = templates("en")
    assert known is not None
    assert known.words() - set(pronunciations(known.words())) == set()


def test_the_same_seed_gives_the_same_sentences() -> None:
    assert corpus("en", 50, seed=4) == corpus("en", 50, seed=4)
    assert corpus("en", 50, seed=4) != corpus("en", 50, seed=5)


def test_a_template_file_that_names_an_unknown_list_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "phrases.toml"
    path.write_text('[lists]\na = ["{b}"]\n[[sentence]]\nweight = 1\ntext = "{a}"\n')
    with pytest.raises(BadInput, match="no list b"):
        Templates.load(path)


def test_a_word_that_the_free_search_hears_too_is_surer() -> None:
    heard = (Heard("grey", 0, 30, 0.9, 1e-30), Heard("beard", 31, 70, 0.9, 1e-40))
    agreed = confidences(heard, heard)
    other = (Heard("great", 0, 30, 0.9, 1e-15), Heard("beer", 31, 70, 0.9, 1e-20))
    assert min(agreed) > 0.5 > max(confidences(heard, other))


def test_no_word_takes_two_seconds() -> None:
    long = (Heard("thatch", 0, 200, 1.0, 0.0),)
    assert confidences(long, long) == (0.0,)


# ------------------------------------------------------------------ the process, and bad input


class Deaf:
    """A recogniser that hears one doubtful word in everything."""

    name, biased, minds_noise = "deaf", True, False

    def begin(self, start: float) -> None: ...

    def feed(self, pcm: bytes) -> str:
        return "word"

    def end(self) -> tuple[Word, ...]:
        return (Word("word", 0.0, 0.1, 0.01),)


def test_a_stretch_of_nothing_but_guesses_yields_nothing() -> None:
    listener = Listener(Deaf())
    t = np.arange(16000 * 2) / 16000
    sound = 0.2 * np.sin(2 * np.pi * 300 * t) * (np.sin(2 * np.pi * 3 * t) > 0)
    data = (np.concatenate([np.zeros(16000), sound, np.zeros(16000)]) * 32767).astype("<i2")
    finals = stretches(listener, data.tobytes())
    assert finals
    assert all(final.words == () for final in finals)


def test_a_recogniser_that_dies_is_a_clear_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(16000), 16000)
    dying = ["-c", "import os; os.abort()"]
    monkeypatch.setattr(module.SpeechOptions, "arguments", lambda self, offset=0.0: dying)
    with pytest.raises(BadInput) as caught:
        transcribe(tmp_path / "a.wav", EMBEDDED)
    assert caught.value.code == "speech.died"


def test_bad_files_are_refused_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.wav").write_bytes(b"RIFF\xff\xff\xff\xffWAVEfmt ")
    for name in ("a.wav", "none.wav"):
        assert main(["transcribe", str(tmp_path / name), "--embedded"]) == 3
        assert name in capsys.readouterr().err
