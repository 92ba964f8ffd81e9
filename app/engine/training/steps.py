"""The steps of ``portrait-parle train``: each reads kit and earlier results, returns figures."""

from __future__ import annotations

import argparse
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.numpy import load_file

from app.engine.attribute_net import AttributeNet
from app.engine.encoder_net import EncoderNet
from app.engine.landmark_net import LandmarkNet
from app.engine.photo import PhotoReader
from app.engine.pictures.reading import yunet_file
from app.engine.stylegan2 import Architecture, Generator, to_pixels
from app.engine.training.attributes import AttributeSettings, AttributeTrainer
from app.engine.training.descent import fit_descent
from app.engine.training.directions import fit_directions, projected, scores_from_reading
from app.engine.training.encoder import EncoderSettings, EncoderTrainer
from app.engine.training.evaluate import evaluate_attributes
from app.engine.training.facedata import FaceData
from app.engine.training.generator import GeneratorSettings, Trainer
from app.engine.training.landmarks import LandmarkSettings, LandmarkTrainer, landmark_error
from app.engine.training.mapping import set_linear_mapping
from app.engine.training.nuisance import fit_nuisance, steadied
from app.engine.training.run import cosine, late_fall, train_for
from app.engine.training.sketch_net import explained, train_sketch
from app.models.errors import BadInput

Report = Callable[[str], None]
ARCHITECTURE = Architecture(
    z_dim=256, w_dim=256, resolution=128, channel_base=2048, channel_max=256, mapping_layers=2
)
SPREAD = 0.8  # the codes' own standard deviation, about
FACES_TO_MEASURE = 3000
FACES_TO_DERIVE = 48
DERIVING_SHARE = 0.35
SHOWN_SPREAD = 0.68  # of codes in arrays: the mapping's spread times psi
PICTURES = (".jpg", ".jpeg", ".png")


def step_prepare(args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """Make a kit under --data of a folder of photographs, and put the reading nets under --out."""
    from app.engine.training.kit import write_kit
    from app.engine.training.prepare import Limits, Preparation
    from app.engine.weights import find_model

    end = time.monotonic() + 60 * args.minutes

    def check() -> None:
        if time.monotonic() > end:
            raise BadInput("training.time_is_up", minutes=args.minutes)

    model = find_model(None)
    reader = PhotoReader.load(model, yunet_file())
    preparation = Preparation(args.photos, args.data / "prepared", reader, Limits(args.least_px))
    counts = preparation.run(report, check).counts()
    report(f"{counts['kept']} faces kept; building codes")
    figures = write_kit(
        args.data, preparation.faces(), preparation.sorted.kept, reader.finder.landmarks,
        load_file(str(model / "shape.safetensors")),
    )  # fmt: skip
    for name in ("attributes", "landmarks", "shape", "sketch"):
        if not (args.out / f"{name}.safetensors").exists():
            shutil.copyfile(model / f"{name}.safetensors", args.out / f"{name}.safetensors")
    return {**figures, "pictures": counts}


def step_attributes(data: FaceData, args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """Train the attribute net."""
    settings = AttributeSettings(seed=args.seed, bfloat16=args.bfloat16, device=args.device)
    trainer = _resumed(AttributeTrainer(data, settings), args)
    _train(trainer, args, cosine, report)
    return {**evaluate_attributes(trainer.publish(args.out), data), "pictures_seen": trainer.seen}


def step_landmarks(data: FaceData, args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """Train the landmark net."""
    trainer = _resumed(LandmarkTrainer(data, LandmarkSettings(seed=args.seed)), args)
    _train(trainer, args, cosine, report)
    return {"held_out_error_of_eye_distance": landmark_error(trainer.publish(args.out), data)}


def step_sketch(data: FaceData, args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """Train the net that reads drawings; it needs no earlier step."""
    net, figures = train_sketch(
        data, args.out, minutes=args.minutes, seed=args.seed, report=report
    )
    return {**figures, "explained_variance_of_code": explained(net, data)}


def step_generator(data: FaceData, args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """Train the generator, from scratch, from weights (--start) or from --out (--resume)."""
    torch.manual_seed(args.seed)
    generator = Generator(ARCHITECTURE)
    if args.start:
        load_weights(generator, args.start)
    net = None
    if args.features:
        net = AttributeNet.load(_needed(args.out / "attributes.safetensors", "attributes"))
    settings = GeneratorSettings(
        minutes=args.minutes, feature_weight=args.features, adversary=args.adversary,
        seed=args.seed, random_share=args.random_share, finest_weight=args.finest,
        patch_width=args.patch_width, bfloat16=args.bfloat16, device=args.device, lr=args.lr,
        texture_weight=args.texture, head_start=args.head_start, r1=args.r1,
    )  # fmt: skip
    trainer = _resumed(Trainer(generator, data, settings, net), args)
    before, seen = trainer.held_out(), trainer.seen
    _train(trainer, args, late_fall, report)
    return {
        "held_out_before": before,
        "held_out_after": trainer.held_out(),
        "pictures_seen": trainer.seen,
        "pictures_per_second": (trainer.seen - seen) / (args.minutes * 60),
    }


def step_encoder(data: FaceData, args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """Train the encoder for the generator as it now is, then fit its learned steps."""
    generator, net = finished_generator(args.out), finished_net(args.out)
    settings = EncoderSettings(seed=args.seed, bfloat16=args.bfloat16)
    trainer = _resumed(EncoderTrainer(generator, net, data, settings), args)
    before = trainer.held_out()
    _train(trainer, args, cosine, report)
    trainer.publish(args.out / "encoder.safetensors")
    fitted = fit_descent(
        generator, trainer.trunk, data, args.faces, args.seed, report,
        args.out / "descent.safetensors",
    )  # fmt: skip
    return {
        **fitted,
        "encoder_held_out_before": before,
        "encoder_held_out_after": trainer.held_out(),
        "encoder_pictures_seen": trainer.seen,
    }


def step_directions(data: FaceData, args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """Fit directions on generated faces as the attribute net reads them, project each against all
    others, and measure what else they move.

    ``--minutes`` bounds the whole: derivatives get a part of what is left, then side effects are
    measured on up to ``--faces`` faces; the figures say on how many.
    """
    from app.engine.training.jacobians import score_jacobians
    from app.engine.training.publish import publish_directions
    from app.engine.training.side_effects import Meter, measure_effects

    end = time.monotonic() + 60 * args.minutes
    generator, net = finished_generator(args.out), finished_net(args.out)
    z = sample_codes(data, FACES_TO_MEASURE, args.seed)
    meter = Meter(generator, data.scale, net, None, ())
    scores = scores_from_reading(net.read(meter.draw(z), 8), dict(net.shape.classes))
    report(f"drew and read {len(z)} faces")
    fits = fit_directions(z, scores)
    basis, offset, _ = fit_nuisance(data)
    rng = np.random.default_rng([args.seed, 5])
    free = rng.standard_normal((args.faces + FACES_TO_DERIVE, data.codes.shape[1]))
    shown = steadied((SHOWN_SPREAD * free).astype(np.float32), basis, offset)  # as arrays show
    left = end - time.monotonic()
    jacobians = score_jacobians(
        generator, net, shown[:FACES_TO_DERIVE], data.scale, [f.wanted for f in fits],
        until=time.monotonic() + DERIVING_SHARE * left, report=report,
    )  # fmt: skip
    fits = projected(fits, jacobians, basis)
    landmarks = LandmarkNet.load(_needed(args.out / "landmarks.safetensors", "landmarks"))
    meter = Meter(generator, data.scale, net, landmarks, fits)
    table = measure_effects(meter, shown[FACES_TO_DERIVE:], until=end, report=report)
    figures = publish_directions(args.out, fits, table, data.scale, report)
    return {**figures, "faces_derived": len(jacobians)}


def step_evaluate(data: FaceData, args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """Measure everything that is there, per group; write OUT/evaluation.html."""
    from app.engine.training.evaluation import Run, evaluate

    generator = finished_generator(args.out)
    basis, offset, _ = fit_nuisance(data)
    quiet: Report = lambda line: None  # noqa: E731

    def sample(count: int, seed: int) -> npt.NDArray[np.float32]:
        z = np.random.default_rng(seed).standard_normal((count, len(data.scale))) * SPREAD
        return steadied(z.astype(np.float32), basis, offset)

    landmarks, encoder = (args.out / f"{n}.safetensors" for n in ("landmarks", "encoder"))
    run = Run(
        args.out, generator, finished_net(args.out),
        LandmarkNet.load(landmarks) if landmarks.is_file() else None,
        EncoderNet.load(encoder) if encoder.is_file() else None,
        lambda codes: draw_codes(generator, codes, data.scale, quiet), sample,
    )  # fmt: skip
    photos = aligned_photos(args.photos, run.landmarks, report) if args.photos else None
    figures = evaluate(run, data, photos, faces=args.faces, inverted=args.inverted, report=report)
    figures["generator"]["held_out_pixel_loss"] = Trainer(
        generator, data, GeneratorSettings()
    ).held_out()
    return figures


def aligned_photos(
    folder: Path, landmarks: LandmarkNet | None, report: Report
) -> npt.NDArray[np.uint8]:
    """The clearest face of each picture of a folder, aligned, uint8 [n, 128, 128, 3]; pictures
    without a face are counted and left out."""
    from app.engine.align import FaceFinder, aligned
    from app.engine.media.decode import decode_image

    if landmarks is None:
        raise BadInput("training.run_step_first", file=str(folder), step="landmarks")
    finder, out, without = FaceFinder(landmarks), [], 0
    for path in sorted(p for p in folder.iterdir() if p.suffix.lower() in PICTURES):
        try:
            picture = decode_image(path)
        except BadInput:
            picture = None
        found = finder.find(picture) if picture is not None else []
        if picture is None or not found:
            without += 1
            continue
        out.append(aligned(picture, max(found, key=lambda f: f.score)))
    report(f"{len(out)} photographs with a face, {without} without")
    return np.stack(out) if out else np.empty((0, 128, 128, 3), np.uint8)


def step_pack(data: FaceData, args: argparse.Namespace, report: Report) -> dict[str, Any]:
    """Put weights, nets, directions and card into OUT/model."""
    from app.engine.training.publish import publish_model

    generator = finished_generator(args.out)
    basis, offset, quality = fit_nuisance(data)
    moved = set_linear_mapping(generator, data.scale, basis, offset)
    return publish_model(args.out, generator, data, moved, args.name, {"nuisance_r2": quality})


# ------------------------------------------------------------------ shared by the steps


def _train(
    trainer: Any, args: argparse.Namespace, rate: Callable[[float], float], report: Report
) -> None:
    train_for(trainer, args.minutes, _checkpoint(args), rate, report=report)


def _resumed(trainer: Any, args: argparse.Namespace) -> Any:
    if args.resume:
        trainer.load(_needed(_checkpoint(args), args.step))
    return trainer


def _checkpoint(args: argparse.Namespace) -> Path:
    return Path(args.out / f"{args.step}.pt")


def load_weights(generator: Generator, path: Path) -> None:
    """Load generator weights: a safetensors file, or a torch file holding ``ema`` or ``G``."""
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        state = load_file(str(_needed(path, "generator")))
    else:
        kept = torch.load(_needed(path, "generator"), weights_only=True)
        state = kept.get("ema") or kept["G"]
    generator.load_state_dict({k: v.float() for k, v in state.items()}, strict=True)


def finished_generator(out: Path) -> Generator:
    """The averaged generator that the generator step left."""
    generator = Generator(ARCHITECTURE)
    load_weights(generator, _needed(out / "generator.pt", "generator"))
    return generator.eval().requires_grad_(False)


def finished_net(out: Path) -> AttributeNet:
    """The attribute net that the attributes step left."""
    return AttributeNet.load(_needed(out / "attributes.safetensors", "attributes"))


def sample_codes(data: FaceData, count: int, seed: int) -> npt.NDArray[np.float32]:
    """z [count, 256]: a third steadied Gaussian (as sampled), a third free, a third real codes."""
    rng = np.random.default_rng(seed)
    basis, offset, _ = fit_nuisance(data)
    third = count // 3
    gauss = (rng.standard_normal((2 * third, data.codes.shape[1])) * SPREAD).astype(np.float32)
    real = data.codes[rng.choice(data.train, count - 2 * third, replace=False)]
    return np.concatenate([steadied(gauss[:third], basis, offset), gauss[third:], real])


def draw_codes(
    generator: Generator, z: npt.NDArray[np.float32], scale: npt.NDArray[np.float32], report: Report
) -> npt.NDArray[np.uint8]:
    """Pictures uint8 [n, h, w, 3] of codes z [n, 256]."""
    out = []
    with torch.inference_mode():
        for start in range(0, len(z), 16):
            w = torch.from_numpy(z[start : start + 16] * scale)
            ws = w.unsqueeze(1).expand(-1, generator.num_ws, -1)  # [n, num_ws, w_dim]
            out.append(to_pixels(generator.synthesis(ws, "none")).numpy())
            if start % 800 == 0:
                report(f"drawing {start}/{len(z)}")
    return np.concatenate(out)


def _needed(path: Path, step: str) -> Path:
    if not path.is_file():
        raise BadInput("training.run_step_first", file=str(path), step=step)
    return path
