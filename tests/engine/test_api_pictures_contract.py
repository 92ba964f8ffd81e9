"""What api_pictures.py promises, kept by the fake engine and by the real one on bundled models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from safetensors.numpy import load_file

from app.engine.api import (
    EncodeFace,
    EncodeFrames,
    Engine,
    EnhanceFace,
    FaceReady,
    InterpolatePortraits,
    LoadModel,
    ModelInfo,
    Progress,
    ReadPicture,
    RenderPortrait,
    ScanVideo,
    SketchPortrait,
    SketchToFace,
)
from app.engine.api_pictures import PROBLEMS
from app.models.errors import PortraitError
from app.models.portrait import Recipe
from tests.engine.pictures.clips import Actor, frame_at, wall, write_clip
from tests.engine.test_api_contract import ask
from tests.views.fakes import FakeEngine

pytestmark = pytest.mark.bundled_model
PATIENCE_S = 60.0


@pytest.fixture(scope="module", params=["fake", "real"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each engine in turn; the real one with the bundled models."""
    made: Engine
    if request.param == "fake":
        made = FakeEngine()
    else:
        pytest.importorskip("torch")
        from app.engine.service import EngineService

        made = EngineService()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _threads(request: pytest.FixtureRequest) -> None:
    request.node.add_marker(pytest.mark.lets_threads_live)  # the engine serves all tests here


@pytest.fixture(scope="module")
def info(engine: Engine) -> ModelInfo:
    found = engine.submit(LoadModel()).future.result(PATIENCE_S)
    assert isinstance(found, ModelInfo)
    return found


@pytest.fixture(scope="module")
def faces(engine: Engine, info: ModelInfo) -> tuple[Recipe, Recipe]:
    rng = np.random.default_rng(3)
    scale, offset = np.ones(info.w_dim), np.zeros(info.w_dim)
    if (shape := Path(info.folder) / "shape.safetensors").is_file():
        known = load_file(str(shape))
        scale, offset = known["code_scale"], known["w_offset"]
    w = [offset + 0.6 * scale * rng.standard_normal(info.w_dim) for _ in range(2)]
    return Recipe.from_array(info.sha256, w[0]), Recipe.from_array(info.sha256, w[1])


@pytest.fixture
def photo(engine: Engine, faces: tuple[Recipe, Recipe], tmp_path: Path) -> str:
    """A generated face on a wall, as somebody's photograph."""
    face = ask(engine, RenderPortrait(faces[0]))[0].pixels
    wall = np.full((400, 500, 3), 128, np.uint8)
    large = cv2.resize(face, (256, 256), interpolation=cv2.INTER_CUBIC)
    wall[72:328, 120:376] = large
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), wall[:, :, ::-1])
    return str(path)


@pytest.fixture(scope="module")
def video(
    engine: Engine, faces: tuple[Recipe, Recipe], tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Two generated faces that pass each other, for a second."""
    pictures = [ask(engine, RenderPortrait(f))[0].pixels for f in faces]
    large = [cv2.resize(p, (150, 150), interpolation=cv2.INTER_CUBIC) for p in pictures]
    actors = [
        Actor(large[0], lambda t: (90 + 40 * t, 120, 150)),
        Actor(large[1], lambda t: (330 - 40 * t, 130, 150)),
    ]
    back = wall(432, 256)
    path = tmp_path_factory.mktemp("video") / "clip.mp4"
    return str(write_clip(path, lambda t: frame_at(t, back, actors), 10.0, 1.0))


def refused(engine: Engine, request: Any) -> str:
    with pytest.raises(PortraitError) as error:
        ask(engine, request)
    return error.value.code


def test_a_picture_is_read_with_its_faces_and_their_quality(engine: Engine, photo: str) -> None:
    read, events = ask(engine, ReadPicture(photo))
    assert len(read.sha256) == 64
    assert max(read.picture.shape) <= 1600
    assert read.picture.dtype == np.uint8
    (face,) = read.faces
    assert face.index == 0
    assert face.aligned.shape == (128, 128, 3)
    x, y, w, h = face.box
    assert x >= 0
    assert y >= 0
    assert x + w <= read.width
    assert y + h <= read.height
    quality = face.quality
    assert 0 <= quality.overall <= 1
    assert set(quality.problems) <= set(PROBLEMS)
    assert any(isinstance(e, Progress) for e in events)
    assert read == ask(engine, ReadPicture(photo))[0]


def test_a_file_that_is_no_picture_is_refused_by_name(engine: Engine, tmp_path: Path) -> None:
    text = tmp_path / "notes.jpg"
    text.write_text("this is no picture")
    assert refused(engine, ReadPicture(str(text))) == "media.kind"
    assert refused(engine, ReadPicture(str(tmp_path / "gone.jpg"))) == "media.missing"


def test_a_face_is_encoded_at_once_and_shown_before_it_is_refined(
    engine: Engine, info: ModelInfo, photo: str
) -> None:
    guess, events = ask(engine, EncodeFace(photo))
    assert guess.steps == 0
    assert guess.recipe.origin == "photo"
    assert guess.fidelity in ("close", "fair", "loose")
    assert {"age", "sex"} <= {m.attribute for m in guess.measured}
    drawn, _ = ask(engine, RenderPortrait(guess.recipe))
    assert (drawn.pixels == guess.pixels).all()
    refined, events = ask(engine, EncodeFace(photo, 0, 3, 20.0))
    assert refined.steps == 3
    shown = [e for e in events if isinstance(e, FaceReady)]
    assert shown
    assert all(e.preview for e in shown)
    assert [e.done for e in events if isinstance(e, Progress)] == [1, 2, 3]


def test_a_face_that_is_not_there_is_refused(engine: Engine, info: ModelInfo, photo: str) -> None:
    assert refused(engine, EncodeFace(photo, 7)) == "photo.no_such_face"


def test_steps_between_two_portraits_are_portraits(
    engine: Engine, info: ModelInfo, faces: tuple[Recipe, Recipe]
) -> None:
    request = InterpolatePortraits(*faces, 5)
    recipes, events = ask(engine, request)
    assert recipes[0] == faces[0]
    assert recipes[-1] == faces[1]
    middle = (faces[0].array() + faces[1].array()) / 2
    np.testing.assert_allclose(recipes[2].array(), middle, atol=1e-5)
    assert [e.index for e in events if isinstance(e, FaceReady)] == [0, 1, 2, 3, 4]
    assert refused(engine, replace(request, steps=1)) == "interpolate.bad_steps"


def test_a_video_is_scanned_for_persons_whose_frames_can_be_encoded(
    engine: Engine, info: ModelInfo, video: str
) -> None:
    read, events = ask(engine, ScanVideo(video))
    assert len(read.sha256) == 64
    assert [p.index for p in read.persons] == [0, 1]
    for person in read.persons:
        assert person.best
        assert 0 <= person.first_s <= person.last_s <= read.seconds
        for face in person.best:
            assert face.aligned.shape == (128, 128, 3)
            assert person.first_s <= face.time_s <= person.last_s
    told = [e for e in events if isinstance(e, Progress)]
    assert told[-1].stage == "video"
    assert told[-1].done == told[-1].total
    frames = tuple((f.frame, f.box) for f in read.persons[0].best[:3])
    encoded, events = ask(engine, EncodeFrames(video, frames))
    assert encoded.recipe.origin == "photo"
    assert any(isinstance(e, FaceReady) and e.preview for e in events)
    assert refused(engine, EncodeFrames(video, ())) == "video.no_frames"


def test_a_picture_is_no_video(engine: Engine, photo: str) -> None:
    assert refused(engine, ScanVideo(photo)) == "media.kind"


def test_a_drawing_becomes_as_many_faces_as_asked(
    engine: Engine, info: ModelInfo, faces: tuple[Recipe, Recipe], tmp_path: Path
) -> None:
    drawn = ask(engine, SketchPortrait(faces[0], size=256))[0].pixels
    path = str(tmp_path / "drawing.png")
    cv2.imwrite(path, drawn)
    request = SketchToFace(path, count=2, seed=4)
    proposed, events = ask(engine, request)
    assert len(set(proposed.faces)) == 2
    assert all(f.origin == "sketch" for f in proposed.faces)
    shown = [e for e in events if isinstance(e, FaceReady)]
    assert [e.recipe for e in shown] == list(proposed.faces)
    assert ask(engine, request)[0] == proposed
    assert refused(engine, replace(request, count=0)) == "propose.bad_count"


def test_a_poor_face_becomes_several_possible_ones_never_one(
    engine: Engine, info: ModelInfo, photo: str
) -> None:
    proposed, events = ask(engine, EnhanceFace(photo, count=2, seconds=1.0))
    assert len(set(proposed.faces)) == 2
    assert {e.stage for e in events if isinstance(e, Progress)} == {"enhancing"}
    assert [e.index for e in events if isinstance(e, FaceReady)] == [0, 1]
    assert refused(engine, EnhanceFace(photo, count=1)) == "enhance.bad_count"


def test_frames_of_a_video_become_possible_faces_as_well(
    engine: Engine, info: ModelInfo, video: str
) -> None:
    read, _ = ask(engine, ScanVideo(video))
    frames = tuple((f.frame, f.box) for f in read.persons[0].best[:2])
    proposed, _ = ask(engine, EnhanceFace(video, count=2, seconds=1.0, frames=frames))
    assert len(set(proposed.faces)) == 2
