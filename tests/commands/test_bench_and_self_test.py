"""bench prints the agreed keys and guards the ratio; self-test leaves a case and a good bundle."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("PySide6")

import numpy as np
import torch

from app.commands import bench, bench_check, bench_lines, bench_parts
from app.commands.bench_parts import Measurements, completed, parts_of
from app.commands.self_test import PASSPHRASE
from app.engine.benchmark import compare_synthesis, milliseconds
from app.engine.benchmark_case import at_marks, commits, growth
from app.engine.benchmark_parts import Part
from app.engine.benchmark_ratios import ratios
from app.models.errors import BadInput
from app.models.portrait import Recipe
from app.views.png import png_of
from tests.engine.tiny import ARCH, generator

pytestmark = [pytest.mark.needs_torch, pytest.mark.needs_qt]

ROOT = Path(__file__).resolve().parents[2]


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.main", *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.bundled_model
@pytest.mark.timeout(300)
def test_quick_bench_prints_the_agreed_keys() -> None:
    done = command("bench", "--quick", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["synthesis"]["ratio_to_reference"] > 0
    assert report["synthesis"]["largest_difference"] <= 1
    assert report["slider"]["p50_ms"] <= report["slider"]["p95_ms"] <= report["slider"]["p99_ms"]
    for key in ("window_ms", "model_ready_ms", "array9_ms", "encode_ms", "peak_memory_mb"):
        assert report[key] > 0, key
    assert {"cpu", "cores", "threads", "torch"} <= set(report["machine"])


@pytest.mark.slow
@pytest.mark.bundled_model
@pytest.mark.timeout(300)
def test_self_test_leaves_a_case_and_a_bundle_that_hold(tmp_path: Path) -> None:
    done = command("self-test", "--out", tmp_path, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["ok"]
    assert [s["step"] for s in report["steps"]][0::13] == ["resources", "verify"]
    assert report["passphrase"] == PASSPHRASE
    assert list(tmp_path.glob("case*"))
    (bundle,) = tmp_path.glob("bundle*")
    assert command("verify", bundle).returncode == 0
    again = command("self-test", "--out", tmp_path)
    assert again.returncode == 3
    assert "case.ppcase" in again.stderr


def test_the_packed_form_is_measured_against_the_reference_in_one_run() -> None:
    figures = compare_synthesis(generator(ARCH).synthesis, 2, 0.05)
    assert figures["largest_difference"] < 1
    expected = figures["reference_ms"] / figures["packed_ms"]
    assert figures["ratio_to_reference"] == pytest.approx(expected, rel=0.02)


def test_times_leave_out_the_first_call() -> None:
    calls: list[int] = []
    assert len(milliseconds(lambda: calls.append(1), 0.0)) == 3
    assert len(calls) == 4


def test_check_fails_on_a_loss_of_a_fifth(tmp_path: Path) -> None:
    file = tmp_path / "accepted.json"
    bench_check.accept("here", {"torch_batch_1": 2.0, "native_batch_1": 4.0}, file)
    good = bench_check.compared("here", {"torch_batch_1": 1.61, "native_batch_1": 9.0}, file)
    assert good["losses"] == []
    bad = bench_check.compared("here", {"torch_batch_1": 1.59}, file)
    assert len(bad["losses"]) == 1
    assert "1.59" in bad["losses"][0]
    assert bad["unmeasured"] == ["native_batch_1"]


def test_a_loss_counts_when_it_is_seen_twice() -> None:
    first, second = {"torch_batch_1": 1.2, "preview": 1.5}, {"torch_batch_1": 1.9, "preview": 1.4}
    assert bench_check.better(first, second) == {"torch_batch_1": 1.9, "preview": 1.5}


def test_a_kind_of_machine_that_was_never_accepted_is_not_compared(tmp_path: Path) -> None:
    file = tmp_path / "accepted.json"
    bench_check.accept("here", {"torch_batch_1": 2.0}, file)
    report = bench_check.compared("elsewhere", {"torch_batch_1": 0.1}, file)
    assert not report["known"]
    assert report["losses"] == []
    assert any("nothing was compared" in line for line in bench_check.lines(report))


@pytest.mark.parametrize("content", ["nonsense", "{}", '{"machines": 3}', '{"machines": {"a": 1}}'])
def test_an_unreadable_file_of_accepted_ratios_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "accepted.json"
    file.write_text(content)
    with pytest.raises(BadInput, match=r"bench\.unreadable"):
        bench_check.read_accepted(file)


def test_the_shipped_ratios_can_be_read() -> None:
    assert bench_check.read_accepted(bench_check.accepted_file())


def test_ratios_are_measured_in_turns_and_leave_the_threads_as_they_were() -> None:
    threads = torch.get_num_threads()
    found = ratios(generator(ARCH).synthesis, 0.1)
    assert {"torch_batch_1", "torch_batch_9", "preview", "late_change"} <= set(found)
    assert all(value > 0 for value in found.values())
    assert torch.get_num_threads() == threads


def test_a_commit_is_measured_on_a_real_case_file() -> None:
    recipes = [Recipe.from_array("0" * 64, np.full(4, i)) for i in range(9)]
    png = png_of(np.zeros((8, 8, 3), np.uint8))
    figures = commits(recipes, png, rounds=3, steps=12)
    assert figures["commit_ms"] > 0
    assert set(figures["round_ms_at"]) == {"3"}
    assert figures["steps"] == 12
    assert figures["replay_ms"] > 0


def test_a_long_case_is_cut_where_its_time_is_up() -> None:
    recipes = [Recipe.from_array("0" * 64, np.full(4, i)) for i in range(9)]
    figures = commits(recipes, png_of(np.zeros((8, 8, 3), np.uint8)), 500, 10_000, seconds=0.0)
    assert (figures["rounds"], figures["steps"]) == (1, 1)


def test_growth_is_the_cost_at_the_last_mark_over_that_at_the_first() -> None:
    flat = at_marks([2.0] * 1200)
    assert flat == {"100": 2.0, "1000": 2.0, "1200": 2.0}
    assert growth(flat) == 1.0
    rising = at_marks([float(i) for i in range(10_000)])
    assert list(rising) == ["100", "1000", "10000"]
    assert growth(rising) == pytest.approx(9974.5 / 74.5, rel=1e-3)
    assert growth(at_marks([1.0] * 7)) == 1.0


REPORT: dict[str, Any] = {
    "window_ms": 900.0, "model_ready_ms": None, "array9_ms": 70.0, "array_first_ms": 15.0,
    "form": "native", "slider": {"p50_ms": 7.0, "p95_ms": 8.0, "p99_ms": 9.0}, "encode_ms": 140.0,
    "describe_ms": 3.0, "sketch_ms": 14.0, "thinking_ms": 2.0, "peak_memory_mb": 600.0,
    "transcribe": {"ms": 900.0, "words": 3, "made_up": True},
    "synthesis": {
        "packed_ms": 6.0, "reference_ms": 22.0, "ratio_to_reference": 3.6, "form": "native",
        "gflops_per_s": 80.0,
    },
    "convolution_peak_gflops": 100.0, "share_of_peak": 0.8,
    "synthesis_sizes": {
        "256": {
            "packed_ms": 200.0, "reference_ms": 600.0, "ratio_to_reference": 3.0, "form": "torch",
            "slider": {
                "p50_ms": 1.0, "p95_ms": 2.0, "p99_ms": 3.0, "preview_p95_ms": 4.0,
                "late_p95_ms": 5.0,
            },
        },
    },
    "gpu": {
        "device": "Card", "sizes": {
            "256": {
                "batch_1": {"ours_per_s": 90.0, "plain_per_s": 30.0},
                "batch_16": {"ours_per_s": None, "plain_per_s": None},
                "slider": {"p50_ms": 1.0, "p95_ms": 2.0, "p99_ms": 3.0},
                "form": "cuda, half, graphs",
            },
        },
    },
    "case": {
        "commit_ms": 4.0, "round_ms": 11.0, "rounds": 500, "steps": 10_000, "replay_ms": 900.0,
        "step_ms_at": {"100": 4.0, "10000": 4.4}, "step_growth": 1.1,
        "round_ms_at": {"100": 11.0, "500": 11.0}, "round_growth": 1.0,
        "history_ms_at": {"100": 0.1, "10000": 0.3}, "history_growth": 3.0,
    },
    "machine": {"cpu": "Chip", "threads": 1, "load": 0.5}, "seconds": 300.0,
    "skipped": ["transcribe"], "stopped": None, "part_seconds": {},
}  # fmt: skip


def test_the_table_has_a_row_for_every_figure() -> None:
    text = "\n".join(bench_lines.lines(REPORT))
    for row in (
        "window", "model ready", "first array", "slider", "slider 256", "encode", "describe",
        "sketch", "transcribe", "commit", "cost of a step", "cost of a round", "history in memory",
        "peak memory", "synthesis bundled, 1", "synthesis 256", "Card 256, 16", "Card 256 slider",
        "left out", "took",
    ):  # fmt: skip
        assert f"\n{row} " in f"\n{text}", row
    assert "4.0 ms at 100, 4.4 ms at 10000 steps: x 1.1" in text
    assert "not measured" in text


def test_the_table_of_a_run_that_was_stopped_has_what_there_is(tmp_path: Path) -> None:
    report = {"window_ms": 900.0, "skipped": [], "stopped": "model", "seconds": 3.0}
    lines = bench_lines.lines(report)
    assert [line.split()[0] for line in lines] == ["window", "took", "stopped"]
    bench_lines.plot(report, tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists()


def test_the_plot_has_the_ratios(tmp_path: Path) -> None:
    bench_lines.plot(REPORT, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_a_whole_run_is_planned_for_less_than_eight_minutes() -> None:
    parts = parts_of(False)
    names = {p.name for p in parts}
    assert sum(p.seconds for p in parts if p.name != "gpu") < bench.LIMIT_SECONDS < 480
    assert {f"synthesis at {size}" for size in (128, 256, 512, 1024)} <= names
    assert {"window", "first array", "slider", "encode", "describe", "sketch"} <= names
    assert {"transcribe", "case file"} <= names
    assert ("gpu" in names) == torch.cuda.is_available()
    quick = sum(p.seconds for p in parts_of(True))
    assert quick < bench.QUICK_SECONDS


def test_ctrl_c_prints_and_keeps_what_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(left: float) -> dict[str, Any]:
        raise KeyboardInterrupt

    parts = [
        Part("window", 1, lambda left: {"window_ms": 900.0}), Part("model", 1, interrupted),
        Part("slider", 1, lambda left: {"slider": {}}),
    ]  # fmt: skip
    monkeypatch.setattr(bench_parts, "parts_of", lambda quick, speech: parts)
    monkeypatch.setattr(bench, "_build_kernels", lambda: None)
    kept = tmp_path / "kept.json"
    arguments = argparse.Namespace(
        check=None, accept=None, quick=False, speech=None, plot=None, keep=kept, json=True
    )
    assert bench.run(arguments) == 130
    printed = json.loads(capsys.readouterr().out)
    assert printed["window_ms"] == 900.0
    assert printed["stopped"] == "model"
    assert json.loads(kept.read_text()) == printed
    assert list(tmp_path.iterdir()) == [kept]


@pytest.mark.slow
@pytest.mark.bundled_model
def test_every_part_measures_what_its_row_needs() -> None:
    """The parts that are quick enough for a test, once each."""
    m = Measurements(True, None)
    report: dict[str, Any] = {}
    for measure in (m.slider, m.array, m.describe, m.encode, m.sketch, m.synthesis, m.convolution):
        report |= measure(0.3)
    lines = "\n".join(bench_lines.lines(completed(report)))
    for row in ("slider", "first array", "describe", "encode", "sketch", "peak memory", "machine"):
        assert f"\n{row} " in f"\n{lines}"
