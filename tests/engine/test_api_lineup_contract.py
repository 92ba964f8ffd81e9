"""What api_lineup.py promises, kept by the fake engine and by the real one on bundled models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.engine.api import (
    AssessLineup,
    ChangeFiller,
    Engine,
    FaceReady,
    LoadModel,
    MakeFillers,
    ReadSuspect,
    SuspectFace,
    TuneSuspect,
)
from app.models.description import Attribute
from app.models.errors import PortraitError
from app.models.lineup import FILLER, SUSPECT
from tests.engine.test_api_contract import ask
from tests.views.fakes import FakeEngine

pytestmark = pytest.mark.bundled_model
PATIENCE_S = 90.0


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
def suspect(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> SuspectFace:
    engine.submit(LoadModel()).future.result(PATIENCE_S)
    request = MakeFillers(None, (Attribute("sex", "male"),), count=1, seed=3)
    face = engine.submit(request).future.result(PATIENCE_S).fillers[0]
    wall = np.full((280, 280, 3), 128, np.uint8)
    wall[40:240, 40:240] = cv2.resize(face.pixels, (200, 200), interpolation=cv2.INTER_CUBIC)
    path = tmp_path_factory.mktemp("photos") / "suspect.png"
    cv2.imwrite(str(path), wall[:, :, ::-1])
    found = engine.submit(ReadSuspect(str(path), steps=2)).future.result(PATIENCE_S)
    assert isinstance(found, SuspectFace)
    return found


def test_a_missing_photograph_is_refused_by_name(engine: Engine, tmp_path: Path) -> None:
    path = str(tmp_path / "nobody.jpg")
    with pytest.raises(PortraitError, match="media.missing") as caught:
        ask(engine, ReadSuspect(path))
    assert caught.value.facts["file"] == path


def test_fillers_arrive_one_by_one_in_their_order(engine: Engine, suspect: SuspectFace) -> None:
    made, events = ask(engine, MakeFillers(suspect, count=3, seed=2))
    arrived = [e for e in events if isinstance(e, FaceReady)]
    assert [e.index for e in arrived] == [0, 1, 2]
    assert [f.role for f in made.fillers] == [FILLER] * 3
    assert made.suspect.role == SUSPECT
    for face, event in zip(made.fillers, arrived, strict=True):
        assert (face.pixels == event.pixels).all()
        assert face.pixels.dtype == np.uint8


def test_the_same_request_gives_the_same_lineup(engine: Engine, suspect: SuspectFace) -> None:
    one, two = (ask(engine, MakeFillers(suspect, count=1, seed=4))[0] for _ in range(2))
    assert one == two
    assert (one.fillers[0].pixels == two.fillers[0].pixels).all()


def test_an_array_is_assessed_by_attribute_and_by_distance(
    engine: Engine, suspect: SuspectFace
) -> None:
    made, _ = ask(engine, MakeFillers(suspect, count=3, seed=2))
    found, _ = ask(engine, AssessLineup((made.suspect, *made.fillers)))
    assert all(len(values) == 4 for _, values in found.table)
    assert "sex" in dict(found.table)
    assert len(found.distances) == 4
    assert all(0 <= c.member < 4 for c in found.concerns)
    changed, _ = ask(
        engine, ChangeFiller(made.fillers[0], (made.suspect, *made.fillers[1:]), how="variant")
    )
    assert changed.role == FILLER
    assert changed != made.fillers[0]


def test_fine_tuning_says_what_it_gained_and_gives_the_weights(
    engine: Engine, suspect: SuspectFace
) -> None:
    tuned, _ = ask(engine, TuneSuspect(suspect, 2.0))
    assert tuned.loss < tuned.first_loss
    assert len(tuned.suspect.tuned) == 64
    assert tuned.weights
