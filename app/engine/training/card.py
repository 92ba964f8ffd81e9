"""The model card: what a model is made from, what was measured, and what it cannot do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.engine.training.figures import read_json

LICENCE = (
    "Weights: made for research on the UTKFace set, whose pictures are for non-commercial research "
    "only. A force must not use this model in a real case without its own legal advice; import or "
    "train a model on pictures it may use."
)
DATA = (
    "12,989 aligned faces of adults from UTKFace (128x128; selected for colour, sharpness, small "
    "yaw), with age, sex and origin labels, 909 hand-labelled faces, mesh points, and 256 "
    "appearance codes."
)
METHOD = (
    "Synthesis network regressed on faces with known codes (GLO), then trained further with a "
    "feature loss and a small patch discriminator at two scales, on a CPU that was shared with "
    "other work. It is not a fully adversarial StyleGAN2: insides of faces are clear, but smoother "
    "than photographs; hair, ears and outlines are soft."
)
COMMAND = (
    "portrait-parle train attributes|landmarks|generator|encoder|sketch|directions|evaluate|pack "
    "--data KIT --out RUN"
)
LIMITS = (
    "Hair, outline and background are soft; hats, scars, tattoos and jewellery cannot be shown "
    "(they can be laid on top as layers).",
    "Adults only (18 and over); few faces over 75, and the old are drawn and read too young.",
    "Eye colour, hair type and face shape follow their sliders weakly.",
    "What is read from a photo is a guess. Glasses, beards, fringes, hats, baldness were learned "
    "from some 750 hand-labelled faces, and are missed more often than they are seen wrongly.",
    "A drawing becomes a likely face of its build and expression, not the person drawn: SSIM with "
    "the photograph .57 (trained styles) and .53 (others) on 24 held-out faces, where the faces' "
    "own codes reach .74 and the mean face .46.",
    "Generated faces do not depict real persons by design, but may resemble some.",
)


def _known(figures: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in figures.items() if v is not None}  # TOML has no null


def _flat(figures: dict[str, Any]) -> dict[str, float]:
    return {k: round(float(v), 4) for k, v in figures.items()}


def card(out: Path, name: str, figures: dict[str, Any]) -> dict[str, Any]:
    """The card as plain TOML values; figures come from the step files under ``out``."""
    generator = read_json(out / "generator.json").get("figures", {})
    attributes = read_json(out / "attributes.json").get("figures", {})
    landmarks = read_json(out / "landmarks.json").get("figures", {})
    encoder = read_json(out / "encoder.json").get("figures", {})
    evaluated = read_json(out / "evaluate.json").get("figures", {})
    measured = attributes.get("attributes", {})
    per_group = {
        "age_mae_years": attributes.get("age_mae_years", {}),
        "sex_accuracy": measured.get("sex", {}).get("accuracy", {}),
        "origin_accuracy": measured.get("ethnicity", {}).get("accuracy", {}),
    }
    return {
        "name": name,
        "title": "Portrait Parlé, bundled face model, 128x128",
        "licence": LICENCE,
        "training": {
            "data": DATA, "method": METHOD, "command": COMMAND,
            "commit": str(read_json(out / "generator.json").get("commit", "unknown")),
        },
        "sampling": {"psi": 0.8, "noise": "none"},
        "figures": _known({
            **generator, **landmarks, **encoder, **figures,
            "hand_labelled_accuracy": {
                name: found["accuracy"]["all"] for name, found in measured.items()
                if name not in ("sex", "ethnicity") and "all" in found.get("accuracy", {})
            },
            "generated": {k: v for k, v in evaluated.get("generator", {}).items() if v is not None},
            "encoder": _flat(evaluated.get("encoder", {}).get("held_out", {})),
        }),
        "bias": {
            "training_share": {"white": 0.46, "black": 0.19, "south_asian": 0.18,
                               "east_asian": 0.11, "other": 0.06, "female": 0.44},
            **{k: v for k, v in per_group.items() if v},
        },
        "limits": list(LIMITS),
    }  # fmt: skip
