"""One drawing being made, in greys, in thousandths of the face picture's side."""

from __future__ import annotations

import math

import numpy as np

Outline = list[tuple[float, float]]
CX = 494.0  # the middle of the mean face


def grey(level: float) -> str:
    """A grey level 0..1 as an SVG colour."""
    v = round(255 * min(max(level, 0.0), 1.0))
    return f"#{v:02x}{v:02x}{v:02x}"


def n(value: float) -> str:
    """A number as short as it may be."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


class Sheet:
    """One drawing being made: definitions, shapes, and its rectangle."""

    def __init__(self, box: tuple[float, float, float, float], seed: int = 1) -> None:
        self.box = box
        self.rng = np.random.default_rng(seed)
        self.defs: list[str] = []
        self.body: list[str] = []
        self.pending: dict[tuple[float, float, float], list[str]] = {}

    def gradient(self, stops: list[tuple[float, float, float]], ends: tuple[float, ...]) -> str:
        """A linear (4 numbers) or radial (cx, cy, r) gradient of (place, grey, alpha) stops."""
        name = f"g{len(self.defs)}"
        kind = "linearGradient" if len(ends) == 4 else "radialGradient"
        keys = ("x1", "y1", "x2", "y2") if len(ends) == 4 else ("cx", "cy", "r")
        place = " ".join(f'{k}="{n(v)}"' for k, v in zip(keys, ends, strict=True))
        inner = "".join(
            f'<stop offset="{o:g}" stop-color="{grey(g)}" stop-opacity="{a:g}"/>'
            for o, g, a in stops
        )
        units = 'gradientUnits="userSpaceOnUse"'
        self.defs.append(f'<{kind} id="{name}" {units} {place}>{inner}</{kind}>')
        return f"url(#{name})"

    def path(self, d: str, fill: str | float | None = None, alpha: float = 1.0,
             stroke: float | str | None = None, width: float = 0.0, rule: str = "") -> None:
        """A filled or stroked path."""
        self.flush()
        parts = [f'd="{d}"']
        paint = "none" if fill is None else (fill if isinstance(fill, str) else grey(fill))
        parts.append(f'fill="{paint}"')
        if rule:
            parts.append(f'fill-rule="{rule}"')
        if stroke is not None:
            line = stroke if isinstance(stroke, str) else grey(stroke)
            parts.append(
                f'stroke="{line}" stroke-width="{n(width)}" stroke-linecap="round" '
                'stroke-linejoin="round"'
            )
        if alpha < 1:
            parts.append(f'opacity="{alpha:.2g}"')
        self.body.append(f"<path {' '.join(parts)}/>")

    def ellipse(self, x: float, y: float, rx: float, ry: float, fill: str | float,
                alpha: float = 1.0) -> None:
        """A filled ellipse."""
        self.flush()
        paint = fill if isinstance(fill, str) else grey(fill)
        more = f' opacity="{alpha:.2g}"' if alpha < 1 else ""
        self.body.append(
            f'<ellipse cx="{n(x)}" cy="{n(y)}" rx="{n(rx)}" ry="{n(ry)}" fill="{paint}"{more}/>'
        )

    def strand(self, points: np.ndarray, level: float, width: float, alpha: float) -> None:
        """A smooth line through points [k, 2]; lines alike are kept in one path."""
        alike = (round(level * 14) / 14, float(math.ceil(width)), round(alpha * 5) / 5)
        self.pending.setdefault(alike, []).append(smooth(points))
        if sum(map(len, self.pending.values())) > 9000:
            self.flush()

    def flush(self) -> None:
        """Write the lines that were kept."""
        pending, self.pending = self.pending, {}
        for (level, width, alpha), lines in pending.items():
            self.path("".join(lines), None, alpha, level, width)

    def add(self, markup: str) -> None:
        """Markup as it is."""
        self.flush()
        self.body.append(markup)

    def svg(self) -> str:
        """The whole file."""
        self.flush()
        box = " ".join(n(v) for v in self.box)
        defs = f"<defs>{''.join(self.defs)}</defs>" if self.defs else ""
        body = "\n".join(self.body)
        return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{defs}\n{body}\n</svg>\n'


def smooth(points: np.ndarray) -> str:
    """Catmull-Rom through the points, as cubic curves."""
    if len(points) == 3:
        (x0, y0), (x1, y1), (x2, y2) = points
        qx, qy = 2 * x1 - (x0 + x2) / 2, 2 * y1 - (y0 + y2) / 2
        if max(abs(x2 - x0), abs(y2 - y0)) < 16:
            return f"M{n(x0)} {n(y0)}L{n(x2)} {n(y2)}"
        return f"M{x0:.0f} {y0:.0f}Q{qx:.0f} {qy:.0f} {x2:.0f} {y2:.0f}"
    p = np.vstack([points[:1], points, points[-1:]])
    out = [f"M{p[1][0]:.0f} {p[1][1]:.0f}"]
    for i in range(1, len(p) - 2):
        a, b = p[i] + (p[i + 1] - p[i - 1]) / 6, p[i + 1] - (p[i + 2] - p[i]) / 6
        out.append(
            f"C{a[0]:.0f} {a[1]:.0f} {b[0]:.0f} {b[1]:.0f} {p[i + 1][0]:.0f} {p[i + 1][1]:.0f}"
        )
    return "".join(out)


def closed(points: list[tuple[float, float]]) -> str:
    """A smooth closed outline through the points."""
    q = np.array(points, float)
    k = len(q)
    out = [f"M{n(q[0][0])} {n(q[0][1])}"]
    for i in range(k):
        p0, p1, p2, p3 = q[i - 1], q[i], q[(i + 1) % k], q[(i + 2) % k]
        a, b = p1 + (p2 - p0) / 6, p2 - (p3 - p1) / 6
        out.append(f"C{n(a[0])} {n(a[1])} {n(b[0])} {n(b[1])} {n(p2[0])} {n(p2[1])}")
    return "".join(out) + "Z"


def mirrored(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """A right half continued by its mirror image, so that an outline is symmetric."""
    back = [(2 * CX - x, y) for x, y in reversed(points) if abs(x - CX) > 1]
    return [*points, *back]


def clip_strands(sheet: Sheet, outline: str) -> tuple[str, str]:
    """A mask's opening and closing tags: nothing is drawn outside the outline."""
    name = f"c{len(sheet.defs)}"
    x, y, w, h = (n(v) for v in sheet.box)
    place = f'maskUnits="userSpaceOnUse" x="{x}" y="{y}" width="{w}" height="{h}"'
    shape = f'<path d="{outline}" fill="#ffffff" fill-rule="evenodd"/>'
    sheet.defs.append(f'<mask id="{name}" {place}>{shape}</mask>')
    return f'<g mask="url(#{name})">', "</g>"


def inside(at: np.ndarray, ring: np.ndarray, out: float) -> bool:
    """Whether a point lies in a polygon (even-odd), grown by ``out`` from its middle."""
    middle = ring.mean(0)
    at = middle + (at - middle) * (1 - out / 300)
    x, y = ring[:, 0], ring[:, 1]
    x2, y2 = np.roll(x, -1), np.roll(y, -1)
    crosses = (y > at[1]) != (y2 > at[1])
    slope = np.where(y2 == y, 1, y2 - y)
    return bool((crosses & (at[0] < (x2 - x) * (at[1] - y) / slope + x)).sum() % 2)


def resample(line: np.ndarray, count: int) -> np.ndarray:
    """The line at evenly spaced places, smooth."""
    at = np.linspace(0, len(line) - 1, count)
    k = np.arange(len(line))
    out = np.empty((count, 2))
    for axis in (0, 1):
        out[:, axis] = np.interp(at, k, line[:, axis])
    for _ in range(2):
        out[1:-1] = (out[:-2] + 2 * out[1:-1] + out[2:]) / 4
    return out
