"""Hair in seeded strands."""

from __future__ import annotations

import math

import numpy as np

from scripts.layers.sheet import CX, Outline, Sheet, closed, inside, mirrored, resample


def hair_mass(s: Sheet, outline: Outline, flows: list[np.ndarray], count: int, *,
              wave: float = 0.0, width: tuple[float, float] = (3, 9), light: float = 0.0,
              loose: float = 26.0, parted: bool = False) -> None:
    """A soft body and many strands between neighbouring flow lines [k, 2] (same k each)."""
    shape = closed(outline)
    xs, ys = [p[0] for p in outline], [p[1] for p in outline]
    s.path(shape, s.gradient(
        [(0, 0.5, 1), (0.45, 0.38, 1), (1, 0.2, 1)],
        ((min(xs) + max(xs)) / 2 - 60, min(ys) + 190, 0.62 * (max(ys) - min(ys)) + 160)))
    order = s.rng.permutation(count)
    for i in order:
        at = i / max(count - 1, 1) * (len(flows) - 1)
        low = min(int(at), len(flows) - 2)
        share = at - low
        if parted and low == len(flows) // 2 - 1:
            continue  # the face is between these two
        line = flows[low] * (1 - share) + flows[low + 1] * share
        line = resample(line, 7 if wave == 0 else 25)
        cut0, cut1 = sorted(s.rng.uniform(0, 1, 2))
        if cut1 - cut0 < 0.35:
            cut0, cut1 = max(0.0, cut0 - 0.25), min(1.0, cut1 + 0.25)
        line = portion(line, cut0 * 0.7, cut1)
        across = normal(line)
        bow = np.linspace(0, 1, len(line))
        line = line + across * (s.rng.normal(0, loose) * 0.6 + s.rng.normal(0, loose) * bow)[:, None]
        if wave:
            phase = s.rng.uniform(0, 0.8)
            length = np.hypot(*np.diff(line, axis=0).T).sum()
            turns = max(length / 250.0, 0.7)
            line = line + across * (wave * np.sin(2 * np.pi * (turns * bow + phase)))[:, None]
        shine = light * math.exp(-(((bow.mean() * 0 + (cut0 + cut1) / 2) - 0.32) ** 2) / 0.03)
        level = 0.36 + 0.14 * s.rng.standard_normal() + shine
        s.strand(line, float(np.clip(level, 0.08, 0.9)), s.rng.uniform(*width),
                 s.rng.uniform(0.3, 0.75))


def portion(line: np.ndarray, start: float, end: float) -> np.ndarray:
    """A part of the line, with as many points."""
    at = np.linspace(start, end, len(line)) * (len(line) - 1)
    k = np.arange(len(line))
    return np.stack([np.interp(at, k, line[:, a]) for a in (0, 1)], 1)


def normal(line: np.ndarray) -> np.ndarray:
    """Unit vectors across the line."""
    along = np.gradient(line, axis=0)
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-6)[:, None]
    return np.stack([-along[:, 1], along[:, 0]], 1)


def both_sides(lines: list[list[tuple[float, float]]]) -> list[np.ndarray]:
    """Flow lines of the right half, with their mirror images first."""
    right = [np.array(line, float) for line in lines]
    left = [np.stack([2 * CX - line[:, 0], line[:, 1]], 1) for line in reversed(right)]
    return [*left, *right]


SKULL = [(CX + 150, -368), (CX + 330, -300), (CX + 452, -150), (CX + 488, 40)]


def hair_short(s: Sheet) -> None:
    """Short hair, combed forward a little."""
    outline = mirrored([(CX, -385), *SKULL, (CX + 480, 210), (CX + 452, 330), (CX + 430, 330),
                        (CX + 422, 190), (CX + 372, 88), (CX + 250, 40), (CX + 90, 62),
                        (CX, 56)])
    flows = both_sides([
        [(CX + 6, -380), (CX + 10, -250), (CX + 20, -90), (CX + 24, 70)],
        [(CX + 90, -378), (CX + 150, -250), (CX + 180, -90), (CX + 168, 66)],
        [(CX + 170, -360), (CX + 290, -230), (CX + 330, -60), (CX + 322, 72)],
        [(CX + 260, -325), (CX + 400, -170), (CX + 425, 20), (CX + 416, 170)],
        [(CX + 330, -290), (CX + 460, -110), (CX + 474, 90), (CX + 446, 310)],
    ])
    hair_mass(s, outline, flows, 330, width=(3, 7), light=0.24, loose=18)
    fringe_edge(s, flows, -8, 46)


def fringe_edge(s: Sheet, flows: list[np.ndarray], rise: float, count: int) -> None:
    """Loose ends over the hairline."""
    for _ in range(count):
        at = s.rng.uniform(1.2, len(flows) - 2.2)
        low = int(at)
        end = flows[low][-1] * (1 - at + low) + flows[low + 1][-1] * (at - low)
        lean = s.rng.normal(0, 16)
        s.strand(np.array([end + [-lean, -70], end + [lean * 0.3, -20],
                           end + [lean, rise + s.rng.uniform(0, 26)]]),
                 s.rng.uniform(0.2, 0.5), s.rng.uniform(3, 6), 0.5)


def hair_parted(s: Sheet) -> None:
    """Hair combed to the side from a parting."""
    px = CX + 190
    outline = [(CX, -392), (CX + 180, -375), (CX + 345, -300), (CX + 458, -150), (CX + 490, 40), (CX + 480, 220),
               (CX + 452, 340), (CX + 430, 330), (CX + 424, 150), (CX + 360, 10), (px + 20, -110),
               (CX + 40, -10), (CX - 200, 62), (CX - 370, 92), (CX - 424, 190), (CX - 430, 330), (CX - 455, 340),
               (CX - 486, 220), (CX - 500, 40), (CX - 470, -150), (CX - 350, -310), (CX - 180, -385)]
    flows = [np.array(v, float) for v in (
        [(px, -330), (CX - 120, -370), (CX - 420, -180), (CX - 480, 80), (CX - 445, 320)],
        [(px, -300), (CX - 80, -320), (CX - 370, -160), (CX - 450, 30), (CX - 428, 200)],
        [(px, -250), (CX - 20, -260), (CX - 260, -150), (CX - 390, -10), (CX - 400, 90)],
        [(px, -190), (CX + 40, -190), (CX - 160, -100), (CX - 280, 0), (CX - 330, 80)],
        [(px + 4, -130), (CX + 90, -120), (CX - 30, -60), (CX - 130, 10), (CX - 190, 50)],
        [(px + 10, -110), (px + 10, -100), (px - 40, -70), (CX + 60, -30), (CX + 20, -10)],
    )]
    right = [np.array(v, float) for v in (
        [(px, -330), (CX + 330, -270), (CX + 430, -130), (CX + 470, 60), (CX + 450, 320)],
        [(px + 6, -250), (CX + 290, -200), (CX + 390, -80), (CX + 440, 60), (CX + 436, 240)],
        [(px + 14, -150), (CX + 280, -120), (CX + 340, -50), (CX + 400, 40), (CX + 424, 140)],
    )]
    hair_mass(s, outline, flows, 260, width=(3, 8), light=0.26, loose=14)
    shape = closed([(px, -340), (CX + 345, -300), (CX + 458, -150), (CX + 490, 40), (CX + 480, 220),
                    (CX + 452, 340), (CX + 430, 330), (CX + 424, 150), (CX + 360, 10), (px + 20, -110)])
    s.path(shape, s.gradient([(0, 0.44, 1), (1, 0.22, 1)], (px, 0, CX + 480, 0)))
    more = Sheet(s.box, 9)
    hair_mass(more, [(px, -340), (px + 1, -339), (px, -338)], right, 120, width=(3, 7), light=0.2,
              loose=12)
    s.body.extend(more.body[1:])
    s.strand(np.array([[px - 14, -345], [px, -230], [px + 18, -116]]), 0.12, 8, 0.6)


def hair_fringe(s: Sheet) -> None:
    """Hair with a straight fringe."""
    outline = mirrored([(CX, -392), *SKULL, (CX + 496, 220), (CX + 476, 420), (CX + 440, 430),
                        (CX + 424, 240), (CX + 400, 150), (CX + 200, 168), (CX, 172)])
    flows = both_sides([
        [(CX + 4, -388), (CX + 8, -240), (CX + 12, -60), (CX + 10, 164)],
        [(CX + 70, -385), (CX + 130, -240), (CX + 160, -50), (CX + 150, 162)],
        [(CX + 150, -368), (CX + 260, -230), (CX + 300, -40), (CX + 290, 152)],
        [(CX + 250, -330), (CX + 390, -170), (CX + 420, 10), (CX + 400, 150)],
        [(CX + 330, -292), (CX + 462, -110), (CX + 486, 120), (CX + 458, 410)],
    ])
    hair_mass(s, outline, flows, 380, width=(3, 8), light=0.28, loose=13)
    fringe_edge(s, flows, 0, 60)
    fill = s.gradient([(0, 0, 0.34), (1, 0, 0)], (0, 165, 0, 235))
    s.path("M100 160C300 176 690 176 888 160L880 210C690 236 300 236 108 210Z", fill)


LONG = [(CX + 150, -372), (CX + 345, -305), (CX + 475, -140), (CX + 535, 120), (CX + 566, 460),
        (CX + 590, 820), (CX + 600, 1120), (CX + 360, 1150), (CX + 388, 860), (CX + 425, 560), (CX + 430, 300),
        (CX + 380, 90), (CX + 200, -70), (CX + 20, -150)]


def long_flows() -> list[np.ndarray]:
    """From the middle parting down both sides of the face."""
    return both_sides([
        [(CX + 10, -150), (CX + 200, -76), (CX + 372, 60), (CX + 428, 300), (CX + 430, 600), (CX + 395, 880), (CX + 370, 1140)],
        [(CX + 10, -200), (CX + 220, -140), (CX + 410, 30), (CX + 462, 300), (CX + 470, 600), (CX + 450, 880), (CX + 440, 1140)],
        [(CX + 8, -270), (CX + 240, -220), (CX + 440, -20), (CX + 496, 280), (CX + 515, 600), (CX + 515, 880), (CX + 510, 1140)],
        [(CX + 6, -370), (CX + 250, -320), (CX + 470, -90), (CX + 530, 260), (CX + 556, 600), (CX + 575, 880), (CX + 585, 1140)],
    ])


def hair_long(s: Sheet) -> None:
    """Long straight hair with a middle parting."""
    hair_mass(s, mirrored([(CX, -388), *LONG]), long_flows(), 340, width=(3, 9), light=0.3, loose=12,
              parted=True)
    s.strand(np.array([[CX, -380], [CX + 2, -270], [CX, -152]]), 0.12, 7, 0.6)
    soft_face_shade(s)


def hair_wavy(s: Sheet) -> None:
    """Long wavy hair."""
    wide = [(CX + (x - CX) * 1.06, y) for x, y in LONG]
    hair_mass(s, mirrored([(CX, -392), *wide]), long_flows(), 230, wave=20, width=(5, 12), light=0.2,
              loose=16, parted=True)
    s.strand(np.array([[CX, -384], [CX + 2, -270], [CX, -152]]), 0.12, 7, 0.6)
    soft_face_shade(s)


def soft_face_shade(s: Sheet) -> None:
    """The shade of hair beside the face."""
    for side in (-1, 1):
        x = CX + side * 440
        fill = s.gradient([(0, 0, 0.4), (1, 0, 0)], (x, 0, x - side * 90, 0))
        s.path(f"M{x} 150C{x - side * 6} 400 {x - side * 6} 700 {x - side * 60} 930L{x - side * 150} 930"
               f"C{x - side * 90} 700 {x - side * 80} 400 {x - side * 110} 150Z", fill)


def curls(s: Sheet, outer: Outline, inner: Outline, count: int, size: tuple[float, float]) -> None:
    """Hair of many small rings between two outlines of the right half, from the middle down."""
    outline = [*outer, *reversed(inner)]
    outline += [(2 * CX - x, y) for x, y in [*inner[1:], *reversed(outer[1:])]]
    s.path(closed(outline), s.gradient([(0, 0.44, 1), (0.55, 0.34, 1), (1, 0.16, 1)],
                                       (CX - 60, -140, 720)))
    ring = np.array(outline)
    low, high = ring.min(0), ring.max(0)
    made = 0
    while made < count:
        at = s.rng.uniform(low, high)
        if not inside(at, ring, 6):
            continue
        made += 1
        r = s.rng.uniform(*size)
        turn = s.rng.uniform(0, 2 * np.pi)
        angles = turn + np.linspace(0, s.rng.uniform(3.4, 5.6), 5)
        grow = np.linspace(1, 0.5, 5)[:, None]
        pts = at + r * grow * np.stack([np.cos(angles), np.sin(angles)], 1)
        lit = 0.22 * float(np.clip(-(at[1] + 60) / 330, -0.6, 1)) - 0.05 * abs(at[0] - CX) / 400
        s.strand(pts, float(np.clip(0.38 + lit + 0.14 * s.rng.standard_normal(), 0.06, 0.9)),
                 s.rng.uniform(4, 8), s.rng.uniform(0.4, 0.8))


def hair_curly(s: Sheet) -> None:
    """Curly hair to the ears."""
    outer = [(CX, -410), (CX + 200, -400), (CX + 390, -300), (CX + 510, -130), (CX + 545, 80),
             (CX + 530, 300), (CX + 486, 430)]
    inner = [(CX, 66), (CX + 180, 60), (CX + 330, 104), (CX + 404, 220), (CX + 430, 400)]
    curls(s, outer, inner, 560, (14, 34))


def hair_afro(s: Sheet) -> None:
    """An afro."""
    outer = [(CX, -440), (CX + 260, -415), (CX + 470, -310), (CX + 610, -120), (CX + 650, 100),
             (CX + 620, 330), (CX + 520, 470)]
    inner = [(CX, 50), (CX + 200, 52), (CX + 352, 110), (CX + 418, 240), (CX + 438, 420)]
    curls(s, outer, inner, 1000, (7, 15))

