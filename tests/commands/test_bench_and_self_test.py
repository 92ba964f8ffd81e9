"""bench prints the agreed keys and guards the ratio; self-test leaves a case and a good bundle."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("PySide6")

import numpy as np
import torch

from app.commands import bench_check
from app.commands.self_test import PASSPHRASE
from app.engine.benchmark import compare_synthesis, milliseconds
from app.engine.benchmark_case import commits
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
    assert figures["round_growth"] > 0
    assert figures["steps"] == 12
