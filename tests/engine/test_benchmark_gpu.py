"""The GPU's section has every figure; measured here on a CPU, and absent without a GPU."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("torch")

import torch

from app.engine import benchmark_gpu
from app.engine.stylegan2 import Synthesis
from tests.engine.tiny import ARCH, generator

pytestmark = pytest.mark.needs_torch


def test_without_a_gpu_there_is_no_section() -> None:
    if torch.cuda.is_available():
        pytest.skip("there is one")
    assert benchmark_gpu.gpu_section(1.0) is None


def test_each_size_has_both_batches_against_plain_operations_and_a_slider(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[int, float | None]] = []

    def small(size: int, clamp: float | None) -> Synthesis:
        asked.append((size, clamp))
        return generator(replace(ARCH, conv_clamp=clamp)).synthesis

    monkeypatch.setattr(benchmark_gpu, "random_synthesis", small)
    found = benchmark_gpu.gpu_section(0.05, "cpu")
    assert found is not None
    assert asked == [(256, 256.0), (1024, 256.0)]
    for row in found["sizes"].values():
        for batch in ("batch_1", "batch_16"):
            assert row[batch]["ours_per_s"] > 0
            assert row[batch]["plain_per_s"] > 0
        assert row["slider"]["p50_ms"] <= row["slider"]["p95_ms"]
        assert row["form"] in ("native", "torch")


@pytest.mark.parametrize("error", [MemoryError, torch.OutOfMemoryError])
def test_a_batch_that_does_not_fit_has_no_figure(error: type[Exception]) -> None:
    def work() -> torch.Tensor:
        raise error("full")

    assert benchmark_gpu._rate(work, 16, 0.0) is None
