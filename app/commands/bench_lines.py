"""The table and the plot of what ``bench`` measured; a part that is missing has no row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

WANTED_RATIO = 3.5
Report = dict[str, Any]


def lines(report: Report) -> list[str]:
    """For people: one row per figure."""
    rows = [
        *_start(report), *_engine(report), *_sizes(report), *_gpu(report), *_case(report),
        *_run(report),
    ]  # fmt: skip
    width = max((len(name) for name, _ in rows), default=0)
    return [f"{name:{width}}  {text}" for name, text in rows]


def _start(report: Report) -> Iterator[tuple[str, str]]:
    for key, name in (("window_ms", "window"), ("model_ready_ms", "model ready")):
        if key in report:
            yield name, _ms(report[key])
    if "array9_ms" in report:
        yield "first array", f"{_ms(report['array9_ms'])} for 9 faces, the first after " + _ms(
            report["array_first_ms"]
        )


def _engine(report: Report) -> Iterator[tuple[str, str]]:
    if "slider" in report:
        yield "slider", f"{_percentiles(report['slider'])} (bundled model, {report['form']})"
    for name in ("encode", "describe", "sketch", "thinking"):
        if f"{name}_ms" in report:
            yield name, _ms(report[f"{name}_ms"]) + (" a round" if name == "thinking" else "")
    heard = report.get("transcribe")
    if heard is not None:
        voice = "a made-up voice" if heard["made_up"] else f"{heard['words']} words"
        yield "transcribe", f"{_ms(heard['ms'])} ({voice})"
    if report.get("peak_memory_mb") is not None:
        yield "peak memory", f"{report['peak_memory_mb']} MB with the bundled model"
    if "share_of_peak" in report:
        yield "convolution", (
            f"{report['convolution_peak_gflops']} GFLOP/s at best; synthesis reaches "
            f"{report['share_of_peak']} of it (multiplications of the plain form)"
        )


def synthesis_rows(report: Report) -> dict[str, Report]:
    """By name: each comparison with the reference's operations."""
    own = {"bundled, 1": "synthesis", "bundled, 9": "synthesis_batch9"}
    rows = {name: report[key] for name, key in own.items() if key in report}
    sizes: dict[str, Report] = report.get("synthesis_sizes", {})
    return {**rows, **{name.replace(" batch", ""): row for name, row in sizes.items()}}


def _sizes(report: Report) -> Iterator[tuple[str, str]]:
    for name, row in synthesis_rows(report).items():
        yield f"synthesis {name}", (
            f"{row['packed_ms']:9.1f} ms a face ({row['form']}){row['reference_ms']:9.1f} ms "
            f"reference{row['ratio_to_reference']:7.2f} x"
        )
    for name, row in synthesis_rows(report).items():
        if "slider" in row:
            slider = row["slider"]
            yield f"slider {name}", (
                f"{_percentiles(slider)}; p95 of its preview {slider['preview_p95_ms']} ms, of "
                f"late layers {slider['late_p95_ms']} ms"
            )


def _gpu(report: Report) -> Iterator[tuple[str, str]]:
    gpu: Report = report.get("gpu") or {"sizes": {}}
    for size, row in gpu["sizes"].items():
        for batch in (key for key in row if key.startswith("batch_")):
            yield f"{gpu['device']} {size}, {batch[6:]}", (
                f"{row[batch]['ours_per_s']} faces/s ({row['form']}), "
                f"{row[batch]['plain_per_s']} with plain operations"
            )
        yield f"{gpu['device']} {size} slider", _percentiles(row["slider"])


def _case(report: Report) -> Iterator[tuple[str, str]]:
    case = report.get("case")
    if case is None:
        return
    yield "commit", f"{case['commit_ms']} ms a step, {case['round_ms']} ms a round of nine faces"
    for name, unit in (("step", "steps"), ("history", "steps"), ("round", "rounds")):
        at = ", ".join(f"{ms} ms at {n}" for n, ms in case[f"{name}_ms_at"].items())
        what = "history in memory" if name == "history" else f"cost of a {name}"
        yield what, f"{at} {unit}: x {case[f'{name}_growth']}"
    events = 3 * case["rounds"] + case["steps"]
    yield "replay", f"{_ms(case['replay_ms'])} for {events} events"


def _run(report: Report) -> Iterator[tuple[str, str]]:
    if "machine" in report:
        machine = report["machine"]
        yield "machine", (
            f"{machine['cpu']}, {machine['threads']} threads, load {machine['load']}"
        )
    if report.get("seconds") is not None:
        yield "took", f"{report['seconds']} s"
    if report.get("skipped"):
        yield "left out", f"{'; '.join(report['skipped'])} (no time was left)"
    if report.get("stopped"):
        yield "stopped", f"during {report['stopped']}: what is above was measured before"


def plot(report: Report, path: Path) -> None:
    """PNG: how many times as fast as the reference's operations, by network and batch.

    Nothing is written where no ratio was measured.
    """
    from app.engine.plot import bars

    values = {n: row["ratio_to_reference"] for n, row in synthesis_rows(report).items()}
    if values:
        path.write_bytes(bars(values, "times as fast as the reference operations", WANTED_RATIO))


def _ms(value: float | None) -> str:
    return "not measured" if value is None else f"{value} ms"


def _percentiles(row: Report) -> str:
    return f"p50 {row['p50_ms']} ms, p95 {row['p95_ms']} ms, p99 {row['p99_ms']} ms"
