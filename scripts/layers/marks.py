"""Marks, tattoos and jewellery."""

from __future__ import annotations

import math

import numpy as np

from scripts.layers.sheet import Sheet, closed, n, resample


def scar(s: Sheet) -> None:
    """A healed cut: a lighter ridge with a darker edge and stitch marks."""
    line = np.array([[8, 16], [42, 46], [74, 96], [92, 150], [122, 206]])
    s.strand(line + [5, 3], 0.1, 9, 0.3)
    s.strand(line, 0.42, 11, 0.7)
    s.strand(line - [1.5, 1], 0.72, 5, 0.85)
    for t in (0.18, 0.38, 0.58, 0.78):
        p = resample(line, 21)[round(t * 20)]
        s.strand(np.array([p + [-15, 8], p, p + [15, -8]]), 0.3, 4, 0.4)


def scar_line(s: Sheet) -> None:
    """A thin straight scar."""
    line = np.array([[6, 10], [60, 20], [120, 24], [184, 16]])
    s.strand(line + [0, 4], 0.1, 6, 0.3)
    s.strand(line, 0.45, 8, 0.7)
    s.strand(line - [0, 1], 0.75, 3.5, 0.9)


def mole(s: Sheet) -> None:
    """A mole with a little height."""
    s.ellipse(22, 25, 15, 13, s.gradient([(0, 0, 0.35), (1, 0, 0)], (22, 26, 16)))
    s.ellipse(20, 20, 12, 11, s.gradient([(0, 0.6, 1), (0.6, 0.45, 1), (1, 0.34, 0.5)], (17, 16, 15)))
    s.ellipse(16, 15, 3.5, 2.5, 0.9, 0.35)


def freckles(s: Sheet) -> None:
    """Freckles over nose and cheeks; to be multiplied onto the skin."""
    for _ in range(330):
        x = s.rng.normal(0, 1) * 175 + (s.rng.choice([-1, 1]) * 150)
        y = s.rng.normal(0, 1) * 46 + 70 + abs(x) * 0.12
        if abs(x) > 375 or not 0 < y < 215:
            continue
        r = float(np.clip(s.rng.lognormal(1.35, 0.4), 2.0, 8.5))
        s.ellipse(390 + x, y, r, r * s.rng.uniform(0.75, 1), 0.5, float(s.rng.uniform(0.25, 0.75)))


def birthmark(s: Sheet) -> None:
    """A flat stain with an uneven edge; to be multiplied onto the skin."""
    angles = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    for scale, alpha in ((1.0, 0.55), (0.86, 0.45), (0.6, 0.3)):
        radius = (62 + 13 * s.rng.standard_normal(16)) * scale
        pts = [(80 + 1.15 * r * math.cos(a), 72 + r * math.sin(a))
               for r, a in zip(radius, angles, strict=True)]
        s.path(closed(pts), 0.5, alpha)
    for _ in range(14):
        a, r = s.rng.uniform(0, 6.3), s.rng.uniform(62, 84)
        size = s.rng.uniform(2, 5)
        s.ellipse(80 + 1.05 * r * math.cos(a), 72 + 0.9 * r * math.sin(a), size, size, 0.5, 0.5)


def acne(s: Sheet) -> None:
    """Reddened spots; to be multiplied onto the skin."""
    for _ in range(26):
        x, y = s.rng.uniform(15, 245), s.rng.uniform(15, 215)
        r = s.rng.uniform(5, 11)
        s.ellipse(x, y, 1.8 * r, 1.8 * r, s.gradient([(0, 0.5, 0.4), (1, 0.5, 0)], (x, y, 1.8 * r)))
        s.ellipse(x, y, r, r, s.gradient([(0, 0.5, 0.8), (0.6, 0.5, 0.6), (1, 0.5, 0)], (x, y, r)))


def tattoo_tear(s: Sheet) -> None:
    """A tear."""
    s.path("M30 6C38 30 52 48 52 68C52 86 42 96 30 96C18 96 8 86 8 68C8 48 22 30 30 6Z", 0.42, 0.55)
    s.path("M30 6C38 30 52 48 52 68C52 86 42 96 30 96C18 96 8 86 8 68C8 48 22 30 30 6Z", None, 0.95, 0.4, 5)


def tattoo_star(s: Sheet) -> None:
    """A five-pointed star, half of each point filled."""
    corners = []
    for k in range(10):
        r = 74 if k % 2 == 0 else 30
        a = -math.pi / 2 + k * math.pi / 5
        corners.append((80 + r * math.cos(a), 82 + r * math.sin(a)))
    line = "M" + "L".join(f"{n(x)} {n(y)}" for x, y in corners) + "Z"
    s.path(line, None, 0.9, 0.42, 6)
    for k in range(0, 10, 2):
        a, b = corners[k], corners[(k + 1) % 10]
        s.path(f"M80 82L{n(a[0])} {n(a[1])}L{n(b[0])} {n(b[1])}Z", 0.42, 0.7)


def tattoo_cross(s: Sheet) -> None:
    """A cross."""
    s.path("M44 8L62 8L62 44L96 44L96 62L62 62L62 132L44 132L44 62L10 62L10 44L44 44Z", 0.42, 0.85)


def tattoo_tribal(s: Sheet) -> None:
    """Curved blades, as worn at the temple or the neck."""
    for d in (
        "M20 300C60 220 50 150 110 90C96 150 104 190 70 262C60 284 40 300 20 300Z",
        "M70 330C120 260 96 190 170 120C150 190 160 230 120 296C108 316 90 330 70 330Z",
        "M116 84C140 60 160 30 158 6C180 40 176 74 150 104C138 112 122 100 116 84Z",
        "M60 140C40 120 36 96 44 70C54 92 66 104 80 112C74 122 68 132 60 140Z",
        "M160 240C190 220 200 196 196 168C214 200 208 232 184 254C174 258 164 250 160 240Z",
    ):
        s.path(d, 0.42, 0.88)


def earring(s: Sheet, x: float, hoop: bool) -> None:
    """One ring or stud."""
    if hoop:
        d = f"M{x - 26} 40A26 32 0 1 0 {x + 26} 40A26 32 0 1 0 {x - 26} 40Z"
        s.add('<g transform="translate(4 6)">')
        s.path(d, None, 0.35, 0.0, 8)
        s.add("</g>")
        s.path(d, None, 1.0, 0.4, 8)
        s.path(d, None, 0.8, 0.72, 3)
        s.path(f"M{x - 22} 24A26 32 0 0 1 {x - 4} 9", None, 0.9, 1.0, 3)
        return
    s.ellipse(x + 2, 25, 15, 15, 0.0, 0.3)
    s.ellipse(x, 20, 13, 13, s.gradient([(0, 0.98, 1), (0.4, 0.6, 1), (1, 0.25, 1)], (x - 4, 15, 16)))
    s.ellipse(x - 4, 15, 3, 3, 1.0, 0.9)


def earring_hoops(s: Sheet) -> None:
    """Two hoops."""
    for x in (40.0, 908.0):
        earring(s, x, True)


def earring_studs(s: Sheet) -> None:
    """Two studs."""
    for x in (28.0, 904.0):
        earring(s, x, False)


def piercing_ring(s: Sheet) -> None:
    """A small ring, for nose, lip or brow."""
    d = "M12 12C2 26 8 46 24 46C40 46 46 26 36 12"
    s.add('<g transform="translate(3 4)">')
    s.path(d, None, 0.3, 0.0, 6)
    s.add("</g>")
    s.path(d, None, 1.0, 0.4, 6)
    s.path(d, None, 0.85, 0.8, 2.4)

