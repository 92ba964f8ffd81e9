"""Plots as PNG, for figures in reports, drawn by matplotlib without a screen."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZE = (8.0, 4.8)  # inches, at 100 dots each
Band = tuple[Sequence[float], Sequence[float]]


def plot_lines(
    path: Path,
    series: Mapping[str, Sequence[float]],
    x: str,
    y: str,
    bands: Mapping[str, Band] | None = None,
) -> None:
    """Draw each series over 1, 2, ...; ``bands`` (low, high) are shaded behind their series."""
    figure, axes = _axes(x, y)
    for name, line in series.items():
        across = range(1, len(line) + 1)
        (drawn,) = axes.plot(across, line, label=name, linewidth=2)
        if bands and name in bands:
            low, high = bands[name]
            axes.fill_between(across, low, high, color=drawn.get_color(), alpha=0.15, linewidth=0)
    axes.legend(frameon=False)
    path.write_bytes(_png(figure))


def bars(values: Mapping[str, float], y: str, wanted: float | None = None) -> bytes:
    """PNG of one bar per name; ``wanted`` draws the goal as a line across."""
    figure, axes = _axes("", y)
    axes.bar(range(len(values)), list(values.values()), color="#4a6f94")
    axes.set_xticks(range(len(values)), list(values), rotation=35, ha="right")
    if wanted is not None:
        axes.axhline(wanted, color="#8a3b2a", linewidth=1, linestyle="--")
    return _png(figure)


def _axes(x: str, y: str) -> tuple[Figure, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(SIZE, dpi=100, layout="constrained")
    FigureCanvasAgg(figure)  # no pyplot: it would look for a screen
    axes = figure.add_subplot()
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _png(figure: Figure) -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()
