"""What can be read from a photograph: its face, its attributes in vocabulary words, its latent."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.engine.align import Face, FaceFinder
from app.engine.api import Measured
from app.engine.attribute_net import AttributeNet, Read
from app.engine.encoder_net import EncoderNet
from app.engine.landmark_net import LandmarkNet
from app.models.errors import ModelError

# measure -> (vocabulary attribute, value when low, value when high)
MEASURES: dict[str, tuple[str, str, str]] = {
    "face_width": ("face_width", "narrow", "wide"),
    "jaw_width": ("jaw", "narrow", "wide"),
    "chin_width": ("chin", "pointed", "square"),
    "forehead": ("forehead", "low", "high"),
    "eye_size": ("eye_size", "small", "big"),
    "eye_spacing": ("eye_spacing", "close", "wide"),
    "nose_width": ("nose_width", "narrow", "wide"),
    "nose_length": ("nose_length", "short", "long"),
    "mouth_width": ("mouth", "small", "wide"),
}
CUT_SD = 0.8  # outer fifths of the training faces are worth a word
READING_SD = 0.45  # typical error of a measure, in standard deviations (evaluate.py)


@dataclass(frozen=True, eq=False)
class PhotoReader:
    """The nets that read photographs; w = code * ``code_scale`` + ``w_offset`` (each [w_dim])."""

    finder: FaceFinder
    net: AttributeNet
    code_scale: npt.NDArray[np.float32]
    w_offset: npt.NDArray[np.float32]
    encoder: EncoderNet | None = None

    @staticmethod
    def load(
        folder: Path, yunet: Path | None = None, net: AttributeNet | None = None
    ) -> PhotoReader:
        """Load from a model folder (``net`` may be its attribute net, if that is loaded already);
        ModelError naming the file that is missing."""
        from safetensors.numpy import load_file

        for name in ("attributes.safetensors", "landmarks.safetensors", "shape.safetensors"):
            if not (folder / name).is_file():
                raise ModelError("model.no_reader", file=str(folder / name))
        shape = load_file(str(folder / "shape.safetensors"))
        encoder = folder / "encoder.safetensors"
        return PhotoReader(
            FaceFinder(LandmarkNet.load(folder / "landmarks.safetensors"), yunet),
            net or AttributeNet.load(folder / "attributes.safetensors"),
            shape["code_scale"],
            shape["w_offset"],
            EncoderNet.load(encoder) if encoder.is_file() else None,
        )


def measured(net: AttributeNet, read: Read, index: int = 0) -> tuple[Measured, ...]:
    """One face's reading in vocabulary words with probabilities; age as a number of years."""
    out = [Measured("age", str(round(float(read.scalars["age"][index]))), 1.0)]
    for attribute, values in net.shape.classes:
        p = read.probabilities[attribute][index]
        best = int(p.argmax())
        if attribute == "hair_style" and values[best] == "other":
            continue  # the vocabulary has no word for "no particular style"
        out.append(Measured(attribute, values[best], round(float(p[best]), 4)))
    scales = {name: (mean, std) for name, mean, std in net.shape.scalars}
    for name, (attribute, low, high) in MEASURES.items():
        mean, std = scales[name]
        z = (float(read.scalars[name][index]) - mean) / std
        out.append(Measured(attribute, *_band(z, low, high)))
    return tuple(out)


def _band(z: float, low: str, high: str) -> tuple[str, float]:
    p_high, p_low = _phi((z - CUT_SD) / READING_SD), _phi((-z - CUT_SD) / READING_SD)
    middle = "rounded" if low == "pointed" else "average"
    shares = {low: p_low, middle: max(0.0, 1 - p_high - p_low), high: p_high}
    best = max(shares, key=lambda value: shares[value])
    return best, round(shares[best], 4)


def _phi(x: float) -> float:
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


Probability = Callable[[Read, AttributeNet, int], float]


def _class(attribute: str, *values: str) -> Probability:
    def of(read: Read, net: AttributeNet, i: int) -> float:
        named = net.values(attribute)
        return float(sum(read.probabilities[attribute][i][named.index(v)] for v in values))

    return of


def _measure(name: str, sign: float = 1.0, cut: float = CUT_SD) -> Probability:
    def of(read: Read, net: AttributeNet, i: int) -> float:
        mean, std = next((m, s) for n, m, s in net.shape.scalars if n == name)
        return _phi((sign * (float(read.scalars[name][i]) - mean) / std - cut) / READING_SD)

    return of


def _young(read: Read, net: AttributeNet, i: int) -> float:
    return _phi((40.0 - float(read.scalars["age"][i])) / 7.0)


# All 40 CelebA names; None where this net has nothing to say
CELEBA: dict[str, Probability | None] = {
    "5_o_Clock_Shadow": _class("beard", "stubble"),
    "Arched_Eyebrows": _measure("brow_arch"),
    "Attractive": None,
    "Bags_Under_Eyes": None,
    "Bald": _class("hair_length", "bald"),
    "Bangs": _class("hair_style", "fringe"),
    "Big_Lips": _class("lips", "full"),
    "Big_Nose": _class("nose_size", "big"),
    "Black_Hair": _class("hair_color", "black"),
    "Blond_Hair": _class("hair_color", "blond"),
    "Blurry": None,
    "Brown_Hair": _class("hair_color", "brown"),
    "Bushy_Eyebrows": _class("eyebrows", "bushy"),
    "Chubby": _class("build", "heavy"),
    "Double_Chin": None,
    "Eyeglasses": _class("glasses", "clear"),
    "Goatee": _class("beard", "goatee"),
    "Gray_Hair": _class("hair_color", "grey", "white"),
    "Heavy_Makeup": None,
    "High_Cheekbones": None,
    "Male": _class("sex", "male"),
    "Mouth_Slightly_Open": _measure("mouth_open", cut=0.0),
    "Mustache": _class("moustache", "yes"),
    "Narrow_Eyes": _measure("eye_narrow"),
    "No_Beard": _class("beard", "none"),
    "Oval_Face": _class("face_shape", "oval"),
    "Pale_Skin": _class("skin", "very_light"),
    "Pointy_Nose": None,
    "Receding_Hairline": _class("hairline", "receding"),
    "Rosy_Cheeks": None,
    "Sideburns": None,
    "Smiling": _class("expression", "smiling"),
    "Straight_Hair": _class("hair_type", "straight"),
    "Wavy_Hair": _class("hair_type", "wavy"),
    "Wearing_Earrings": None,
    "Wearing_Hat": _class("hat", "hat"),
    "Wearing_Lipstick": None,
    "Wearing_Necklace": None,
    "Wearing_Necktie": None,
    "Young": _young,
}


def celeba(net: AttributeNet, read: Read, index: int = 0) -> dict[str, float | None]:
    """Probability of each CelebA name, None where the net cannot answer."""
    return {
        name: None if of is None else round(of(read, net, index), 4) for name, of in CELEBA.items()
    }


def face_json(face: Face) -> dict[str, object]:
    """Box, score and eye distance of a face as JSON values (pixels of the picture)."""
    return {
        "box": [round(v, 1) for v in face.box],
        "score": round(face.score, 3),
        "eye_distance": round(face.eye_distance, 1),
    }
