"""A region or the colouring of another face comes over, and the rest stays."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

pytest.importorskip("torch")

from app.engine.painter import Painter
from app.engine.regions import mask, swapped
from app.engine.runtime import Runtime
from app.models.portrait import Recipe
from tests.engine.tiny import model_folder

pytestmark = pytest.mark.needs_torch


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Runtime:
    return Runtime(model_folder(tmp_path_factory.mktemp("m") / "tiny"), device="cpu")


def recipes(painter: Painter) -> tuple[Recipe, Recipe]:
    return tuple(Recipe.from_array(painter.sha256, painter.sample(s)) for s in (1, 2))  # type: ignore[return-value]


def soft(pixels: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(pixels.astype(float), (0, 0), 4)


def test_colouring_is_the_donors_and_the_features_stay(runtime: Runtime) -> None:
    painter = runtime.load()
    mine, donor = recipes(painter)
    made = swapped(painter, runtime.spread(painter), mine, donor, "colouring")
    before, wanted, after = (painter.pixels(r) for r in (mine, donor, made))
    assert np.abs(soft(after) - soft(wanted)).mean() < 0.6 * np.abs(
        soft(before) - soft(wanted)
    ).mean()


def test_a_region_comes_nearer_to_the_donor_than_the_rest_strays(runtime: Runtime) -> None:
    painter = runtime.load()
    mine, donor = recipes(painter)
    made = swapped(painter, runtime.spread(painter), mine, donor, "upper")
    before, wanted, after = (painter.pixels(r).astype(float) for r in (mine, donor, made))
    inside = mask("upper", len(before))[..., None]
    assert (inside * np.abs(after - wanted)).sum() < (inside * np.abs(before - wanted)).sum()
    assert ((1 - inside) * np.abs(after - before)).sum() < (
        (1 - inside) * np.abs(wanted - before)
    ).sum()
