"""The evaluate step: every figure of a training run, per group, and the page that shows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.engine.attribute_net import AttributeNet
from app.engine.encoder_net import EncoderNet
from app.engine.landmark_net import LandmarkNet
from app.engine.plot import bars
from app.engine.stylegan2 import Generator
from app.engine.training.evaluate import evaluate_attributes, groups
from app.engine.training.facedata import FaceData
from app.engine.training.generation import compare_with_real, grid, real_faces
from app.engine.training.inversion import Inverted, Inverter, Judge
from app.engine.training.page import (
    Picture,
    Section,
    Table,
    figure_table,
    group_table,
    jpeg_picture,
    png_picture,
    write_page,
)

Report = Callable[[str], None]
Pixels = npt.NDArray[np.uint8]
STEPS = (100, 500)
SHOWN = 8
FEW = 5  # a group of fewer faces gets no figure of its own


@dataclass(frozen=True, eq=False)
class Run:
    """What a training run has left: nets may be missing."""

    out: Path
    generator: Generator
    net: AttributeNet
    landmarks: LandmarkNet | None
    encoder: EncoderNet | None
    draw: Callable[[npt.NDArray[np.float32]], Pixels]  # codes [n, d] -> pictures
    sample: Callable[[int, int], npt.NDArray[np.float32]]  # count, seed -> codes as the app draws


def evaluate(
    run: Run, data: FaceData, photos: Pixels | None, *, faces: int, inverted: int, report: Report
) -> dict[str, Any]:
    """Figures of a run, written to OUT/evaluation.html, too.

    ``faces``: how many are generated; ``inverted``: how many held-out faces the slow optimisations
    are tried on; ``photos`` aligned uint8 [n, 128, 128, 3] of other people, if there are any.
    """
    report("reading held-out faces")
    attributes = evaluate_attributes(run.net, data)
    report(f"drawing {faces} faces")
    made = run.draw(run.sample(faces, 17))
    report("comparing them with real ones")
    crowd = compare_with_real(made, data, run.net, run.out / "generator.pt", run.landmarks)
    sections = [_generator_section(crowd, made, run), *_attribute_sections(attributes)]
    figures: dict[str, Any] = {"attributes": attributes, "generator": crowd}
    if run.encoder is not None and run.landmarks is not None:
        found, section = _encoder(run, run.encoder, run.landmarks, data, photos, inverted, report)
        figures["encoder"] = found
        sections.append(section)
    write_page(
        run.out / "evaluation.html", "Evaluation of a face model",
        f"{len(data.train)} training faces; {len(data.held_out)} held-out faces of other people, "
        f"and {len(data.hand_held_out)} hand-labelled ones kept from the attribute net. Nothing on "
        "this page was picked.", sections,
    )  # fmt: skip
    return figures


# ------------------------------------------------------------------ generator


def _generator_section(crowd: dict[str, Any], made: Pixels, run: Run) -> Section:
    codes = run.sample(64, 23)
    text = (
        "Distances are taken in this run's own attribute net, so they compare runs of this "
        "pipeline, not published models. The real_ rows put real training faces in the place of "
        "generated ones. The sample is drawn as the program draws, truncated to 0.7."
    )
    picture = jpeg_picture("64 faces at psi 0.7, not picked", grid(run.draw(0.7 * codes)))
    wide = jpeg_picture("32 faces as drawn for arrays, not picked", grid(made[:32]))
    return Section("Generator", text, (figure_table(crowd),), (picture, wide))


# ------------------------------------------------------------------ attribute net


def _attribute_sections(figures: dict[str, Any]) -> list[Section]:
    found = figures["attributes"]
    accuracy = {name: f["accuracy"]["all"] for name, f in found.items()}
    rows = tuple(
        (name, f["n"], f["accuracy"]["all"], f["majority"], _shares(f["recall"]),
         _shares(f["precision"]))
        for name, f in found.items()
    )  # fmt: skip
    heads = ("attribute", "faces", "accuracy", "most frequent value", "recall", "precision")
    per_group = {
        "age_error_years": figures["age_mae_years"],
        **{n: found[n]["accuracy"] for n in ("sex", "ethnicity") if n in found},
    }
    hand = {n: f["accuracy"] for n, f in found.items() if n not in ("sex", "ethnicity")}
    text = "A value that is always guessed reaches the share in the fourth column."
    return [
        Section("Attribute net", text, (Table(heads, rows),),
                (png_picture("Accuracy per attribute", bars(accuracy, "accuracy")),)),
        Section("Attribute net, per group", "Groups of fewer than five faces are left out.",
                (group_table(per_group, "group"), group_table(hand, "group"))),
    ]  # fmt: skip


def _shares(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in values.items())


# ------------------------------------------------------------------ encoder


def _encoder(
    run: Run, encoder: EncoderNet, landmarks: LandmarkNet, data: FaceData, photos: Pixels | None,
    inverted: int, report: Report,
) -> tuple[dict[str, Any], Section]:  # fmt: skip
    inverter = Inverter(run.generator, run.net, data.scale)
    judge = Judge(run.net, landmarks)
    faces = real_faces(data, data.held_out)
    report("encoding held-out faces")
    one_look = inverter.encoded(encoder, faces)
    each = judge.figures(faces, one_look.pixels)
    figures: dict[str, Any] = {
        "held_out": _means(each, one_look.seconds),
        "per_group": _per_group(each, data),
    }
    if photos is not None and len(photos):
        report("encoding other photographs")
        found = inverter.encoded(encoder, photos)
        figures["other_photographs"] = _means(judge.figures(photos, found.pixels), found.seconds)
        figures["other_photographs"]["faces"] = float(len(photos))
    some = faces[:inverted]
    methods = _methods(inverter, encoder, some, report)
    figures["compared"] = {
        name: _means(judge.figures(some, m.pixels), m.seconds) for name, m in methods.items()
    }
    return figures, _encoder_section(figures, some, methods)


def _methods(
    inverter: Inverter, encoder: EncoderNet, faces: Pixels, report: Report
) -> dict[str, Inverted]:
    methods = {"encoder, one look": inverter.encoded(encoder, faces)}
    for name, layers in (("W", 1), ("W+", inverter.generator.num_ws)):
        report(f"optimising {len(faces)} faces in {name}")
        for steps, found in inverter.optimised(faces, layers, STEPS).items():
            methods[f"{name}, {steps} steps"] = found
    return methods


def _means(each: dict[str, npt.NDArray[np.float64]], seconds: float) -> dict[str, float]:
    return {**{k: float(v.mean()) for k, v in each.items()}, "seconds": seconds}


def _per_group(
    each: dict[str, npt.NDArray[np.float64]], data: FaceData
) -> dict[str, dict[str, float]]:
    masks = groups(data, data.held_out)
    return {
        name: {g: float(v[m].mean()) for g, m in masks.items() if m.sum() >= FEW}
        for name, v in each.items()
    }


def _encoder_section(
    figures: dict[str, Any], faces: Pixels, methods: dict[str, Inverted]
) -> Section:
    compared = figures["compared"]
    names = list(next(iter(compared.values())))
    rows = tuple((m, *(f[n] for n in names)) for m, f in compared.items())
    table = Table(("method", *(n.replace("_", " ") for n in names)), rows)
    tables: list[Table] = [figure_table(figures["held_out"], "held-out faces", "mean"), table]
    if "other_photographs" in figures:
        tables.append(figure_table(figures["other_photographs"], "other photographs", "mean"))
    tables.append(group_table(figures["per_group"], "group"))
    pictures: list[Picture] = []
    for name, found in methods.items():  # real faces are left out: the page may be passed on
        shown = found.pixels[: min(SHOWN, len(found.pixels))]
        pictures.append(jpeg_picture(name, grid(shown, len(shown))))
    return Section(
        "Encoder",
        f"Compared on {len(faces)} held-out faces with optimisation on the same loss. Real faces "
        "are not shown here.",
        tuple(tables), tuple(pictures),
    )  # fmt: skip
