"""bench prints the agreed keys and guards the ratio; self-test leaves a case and a good bundle."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("PySide6")

from app.commands import bench
from app.commands.self_test import PASSPHRASE
from app.engine.benchmark import compare_synthesis, milliseconds
from app.models.errors import BadInput
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


def test_check_fails_on_a_loss_of_a_fifth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "accepted.json"
    file.write_text('{"synthesis": {"ratio_to_reference": 2.0}}')
    assert bench._check({"synthesis": {"ratio_to_reference": 1.61}}, file) == 0
    assert bench._check({"synthesis": {"ratio_to_reference": 1.59}}, file) == 1
    assert "1.59" in capsys.readouterr().err
    file.write_text("nonsense")
    with pytest.raises(BadInput, match=r"bench\.unreadable"):
        bench._check({"synthesis": {"ratio_to_reference": 2}}, file)
    assert bench.accepted_file().is_file()
