"""Lineups with the bundled model: suspects read or refused, fillers, warnings, fine-tuning."""

from __future__ import annotations

import hashlib
import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from app.engine.api import (
    AssessLineup,
    ChangeFiller,
    LineupFace,
    MakeFillers,
    Progress,
    ReadSuspect,
    RestoreTuned,
    SuspectFace,
    TuneSuspect,
)
from app.engine.lineup.looks import look_of, match
from app.engine.runtime import Runtime
from app.models.description import Attribute
from app.models.errors import BadInput, Cancelled
from app.models.lineup import FILLER, SUSPECT

pytestmark = [pytest.mark.bundled_model, pytest.mark.needs_torch]
Picture = np.ndarray[Any, Any]


def ask(runtime: Runtime, request: Any, events: list[Any] | None = None) -> Any:
    return runtime.answer(request, (events if events is not None else []).append, lambda: None)


@pytest.fixture(scope="module")
def runtime() -> Runtime:
    return Runtime(device="cpu")


@pytest.fixture(scope="module")
def face(runtime: Runtime) -> Picture:
    """A generated face on a plain wall, 300 x 300."""
    painter = runtime.load()
    drawn = painter.pixels_of(painter.wide(painter.sample(4)))
    wall = np.full((300, 300, 3), 128, np.uint8)
    wall[50:250, 50:250] = cv2.resize(drawn, (200, 200), interpolation=cv2.INTER_CUBIC)
    return wall


@pytest.fixture(scope="module")
def photo(face: Picture, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photos") / "suspect.png"
    cv2.imwrite(str(path), face[:, :, ::-1])
    return path


@pytest.fixture(scope="module")
def suspect(runtime: Runtime, photo: Path) -> SuspectFace:
    found: SuspectFace = ask(runtime, ReadSuspect(str(photo), steps=4))
    return found


@pytest.fixture(scope="module")
def array(runtime: Runtime, suspect: SuspectFace) -> tuple[LineupFace, ...]:
    made = ask(runtime, MakeFillers(suspect, seed=5))
    return (made.suspect, *made.fillers)


def test_a_suspect_is_read_with_attributes_and_drawn(suspect: SuspectFace, photo: Path) -> None:
    assert suspect.sha256 == hashlib.sha256(photo.read_bytes()).hexdigest()
    assert suspect.pixels.shape == (128, 128, 3)
    assert {"sex", "age", "beard"} <= {m.attribute for m in suspect.read}
    assert suspect.fidelity in ("close", "fair", "loose")


def png_of_size(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    crc = struct.pack(">I", zlib.crc32(chunk))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + crc


def bad_photos(face: Picture) -> dict[str, bytes | Picture]:
    glasses = face.copy()
    glasses[98:126, 82:218] = 12
    rng = np.random.default_rng(0)
    return {
        "photo.no_face": rng.integers(90, 120, (300, 300, 3)).astype(np.uint8),
        "photo.several_faces": np.hstack([face, face]),
        "photo.face_too_small": cv2.resize(face, (40, 40), interpolation=cv2.INTER_AREA),
        "photo.sunglasses": glasses,
        "media.damaged": b"\xff\xd8\xff\xe0" + b"nothing" * 20,
        "media.too_many_pixels": png_of_size(10_000, 10_000) + b"\0" * 64,
        "media.kind": b"GIF89a" + b"\0" * 200,
        "media.empty": b"",
    }


@pytest.mark.parametrize("code", [
    "photo.no_face", "photo.several_faces", "photo.face_too_small", "photo.sunglasses",
    "media.damaged", "media.too_many_pixels", "media.kind", "media.empty",
])  # fmt: skip
def test_each_bad_photo_has_its_own_refusal(
    code: str, runtime: Runtime, face: Picture, tmp_path: Path
) -> None:
    content = bad_photos(face)[code]
    path = tmp_path / "bad.png"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        cv2.imwrite(str(path), content[:, :, ::-1])
    with pytest.raises(BadInput) as caught:
        ask(runtime, ReadSuspect(str(path), steps=0))
    assert caught.value.code == code
    assert caught.value.facts["file"] == str(path)


def test_fillers_share_what_a_description_says_and_are_other_people(
    runtime: Runtime, array: tuple[LineupFace, ...]
) -> None:
    assert [f.role for f in array] == [SUSPECT, *[FILLER] * 5]
    found = ask(runtime, AssessLineup(array))
    table = dict(found.table)
    assert table["sex"].count(table["sex"][0]) >= 5
    apart = np.array(found.distances)[np.triu_indices(6, 1)]
    assert apart.min() > 0.25
    assert apart.max() < 1.3


def test_the_same_request_gives_the_same_fillers_and_another_seed_others(
    runtime: Runtime, suspect: SuspectFace
) -> None:
    one, two, other = (
        ask(runtime, MakeFillers(suspect, count=1, seed=seed)) for seed in (5, 5, 6)
    )
    assert (one.fillers[0].pixels == two.fillers[0].pixels).all()
    assert one.fillers[0].recipe == two.fillers[0].recipe
    assert (one.fillers[0].pixels != other.fillers[0].pixels).any()


def test_a_description_alone_makes_fillers_and_nothing_at_all_does_not(runtime: Runtime) -> None:
    wanted = (Attribute("sex", "female"), Attribute("hair_color", "blond"))
    made = ask(runtime, MakeFillers(None, wanted, count=2, seed=1))
    assert made.suspect is None
    read = [{m.attribute: m.value for m in f.read} for f in made.fillers]
    assert [r["sex"] for r in read] == ["female"] * 2
    with pytest.raises(BadInput, match="no_seed"):
        ask(runtime, MakeFillers(None))


def test_photographs_become_fillers_in_the_common_look_and_bad_ones_are_named(
    runtime: Runtime, suspect: SuspectFace, photo: Path, tmp_path: Path
) -> None:
    painter = runtime.load()
    for seed in (11, 12):
        drawn = painter.pixels_of(painter.wide(painter.sample(seed)))
        wall = np.full((260, 260, 3), 200, np.uint8)
        wall[30:230, 30:230] = cv2.resize(drawn, (200, 200), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(tmp_path / f"{seed}.png"), wall[:, :, ::-1])
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    names = tuple(str(p) for p in sorted(tmp_path.iterdir()))
    for policy, origin in (("rendered", "photo_rendered"), ("matched", "photo_matched")):
        made = ask(runtime, MakeFillers(
            suspect, count=2, source="photos", photos=(*names, str(photo)), policy=policy
        ))  # fmt: skip
        assert {f.origin for f in made.fillers} == {origin}
        assert {f.source for f in made.fillers} == {"11.png", "12.png"}
        assert [Path(name).name for name, _ in made.refused] == ["broken.png"]
    mixed = ask(runtime, MakeFillers(suspect, count=3, source="mixed", photos=names))
    assert sorted(f.origin for f in mixed.fillers) == [
        "generated", "photo_rendered", "photo_rendered"
    ]  # fmt: skip
    with pytest.raises(BadInput, match="too_few_photos"):
        ask(runtime, MakeFillers(suspect, count=5, source="photos", photos=names))


def test_interpolated_fillers_say_so(runtime: Runtime, suspect: SuspectFace) -> None:
    made = ask(runtime, MakeFillers(suspect, count=1, method="between"))
    assert made.fillers[0].origin == "interpolated"


def test_the_matched_suspect_is_made_like_the_fillers(
    runtime: Runtime, suspect: SuspectFace
) -> None:
    made = ask(runtime, MakeFillers(suspect, count=3, policy="matched"))
    assert made.suspect.origin == "matched"
    assert made.suspect.recipe is None
    noisy = suspect.aligned.astype(int) + np.random.default_rng(0).integers(-30, 30, (128, 128, 3))
    sharp = np.clip(noisy, 0, 255).astype(np.uint8)
    others = [f.pixels for f in made.fillers]
    wanted = float(np.median([look_of(p).sharpness for p in others]))
    before, after = look_of(sharp).sharpness, look_of(match(sharp, others)).sharpness
    assert abs(after - wanted) < abs(before - wanted)


def test_twins_are_named_and_steered_apart(
    runtime: Runtime, array: tuple[LineupFace, ...]
) -> None:
    twins = (*array[:5], array[4])
    found = ask(runtime, AssessLineup(twins))
    assert ("too_alike", 4, 5) in [(c.kind, c.member, c.other) for c in found.concerns]
    moved = ask(runtime, ChangeFiller(twins[5], twins[:5], how="apart"))
    again = ask(runtime, AssessLineup((*twins[:5], moved)))
    assert again.distances[4][5] > 0.25
    with pytest.raises(BadInput, match="not_changeable"):
        ask(runtime, ChangeFiller(array[0], array[1:], how="apart"))


def test_a_filler_goes_nearer_to_the_suspect_and_farther(
    runtime: Runtime, array: tuple[LineupFace, ...]
) -> None:
    others = (array[0], *array[2:])
    near, far = (ask(runtime, ChangeFiller(array[1], others, how=h)) for h in ("nearer", "farther"))
    gaps = [ask(runtime, AssessLineup((array[0], f))).distances[0][1] for f in (near, far)]
    assert gaps[0] < gaps[1]


def test_a_suspect_unlike_all_fillers_stands_out(runtime: Runtime) -> None:
    man = (Attribute("sex", "male"), Attribute("beard", "full"), Attribute("age", (50, 55)))
    woman = (Attribute("sex", "female"), Attribute("age", (22, 26)))
    one = ask(runtime, MakeFillers(None, man, count=1)).fillers[0]
    rest = ask(runtime, MakeFillers(None, woman, count=4)).fillers
    lone = LineupFace(SUSPECT, "rendered", "", one.recipe, one.read, pixels=one.pixels)
    found = ask(runtime, AssessLineup((lone, *rest)))
    named = {c.attribute for c in found.concerns if c.kind == "stands_out" and c.member == 0}
    assert {"sex", "age"} <= named


def test_fine_tuning_comes_nearer_on_a_copy_and_can_be_kept(
    runtime: Runtime, suspect: SuspectFace
) -> None:
    painter = runtime.load()
    ws = painter.wide(painter.sample(77))
    before = painter.pixels_of(ws)
    events: list[Any] = []
    tuned = ask(runtime, TuneSuspect(suspect, 4.0), events)
    assert tuned.loss < tuned.first_loss
    assert tuned.weight_steps > 0
    assert tuned.roughness < 2.0
    assert any(isinstance(e, Progress) and e.stage == "tuning" for e in events)
    assert (painter.pixels_of(ws) == before).all()  # the bundled model is what it was
    made = ask(runtime, MakeFillers(tuned.suspect, count=1))
    assert made.fillers[0].tuned == tuned.suspect.tuned
    again = Runtime(device="cpu")
    with pytest.raises(BadInput, match="no_weights"):
        ask(again, MakeFillers(tuned.suspect, count=1))
    name = ask(again, RestoreTuned(tuned.suspect.tuned, weights=tuned.weights))
    assert name == tuned.suspect.tuned
    with pytest.raises(BadInput, match="weights_changed"):
        ask(again, RestoreTuned(name, weights=tuned.weights[:-2]))


def test_making_fillers_stops_when_it_is_cancelled(runtime: Runtime, suspect: SuspectFace) -> None:
    calls = []

    def check() -> None:
        calls.append(1)
        if len(calls) > 5:
            raise Cancelled

    with pytest.raises(Cancelled):
        runtime.answer(MakeFillers(suspect), lambda event: None, check)
    assert len(calls) == 6
