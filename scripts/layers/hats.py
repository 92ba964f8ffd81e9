"""Hats, hoods and scarves."""

from __future__ import annotations

import math

import numpy as np

from scripts.layers.sheet import CX, Sheet, clip_strands, closed, mirrored, n


def brow_shadow(sheet: Sheet, top: float, depth: float, strength: float = 0.55) -> None:
    """The shadow that a hat throws on the forehead."""
    fill = sheet.gradient([(0, 0, strength), (1, 0, 0)], (0, top, 0, top + depth))
    sheet.path(
        f"M120 {top - 30}C300 {top + 10} 690 {top + 10} 868 {top - 30}L856 {top + depth * 0.6}"
        f"C700 {top + depth} 290 {top + depth} 132 {top + depth * 0.6}Z", fill,
    )  # fmt: skip


def dome(sheet: Sheet, side: float, low: float, top: float) -> str:
    """The outline of what sits on the skull: ``side`` away from the middle at height ``low``."""
    h = low - top
    return (
        f"M{CX - side} {low}C{CX - side - 14} {low - h * 0.55} {CX - side * 0.62} {top} {CX} {top}"
        f"C{CX + side * 0.62} {top} {CX + side + 14} {low - h * 0.55} {CX + side} {low}"
    )


def cap(s: Sheet) -> None:
    """A baseball cap, from the front."""
    brow_shadow(s, 105, 200, 0.5)
    crown = dome(s, 462, 130, -345) + f"C{CX + 300} 40 {CX - 300} 40 {CX - 462} 130Z"
    s.path(crown, s.gradient(
        [(0, 0.66, 1), (0.35, 0.56, 1), (0.75, 0.42, 1), (1, 0.26, 1)], (CX - 90, -90, 640)))
    # side shade
    for side in (-1, 1):
        x = CX + side * 470
        fill = s.gradient([(0, 0.08, 0.6), (1, 0.2, 0)], (x, 0, x - side * 230, 0))
        s.path(crown, fill)
    # panels
    for dx, bend in ((0, 0), (-1, 210), (1, 210)):
        x = CX + dx * 30
        d = f"M{n(x)} -335C{n(x + dx * bend)} -240 {n(x + dx * bend * 1.35)} -60 {n(x + dx * bend * 1.3)} 70"
        s.path(d, None, 0.55, 0.25, 5)
        s.path(d.replace("M", "M", 1), None, 0.25, 0.75, 2)
    for dx in (-1, 1):
        s.ellipse(CX + dx * 130, -205, 11, 9, 0.18, 0.7)
        s.ellipse(CX + dx * 300, -170, 10, 9, 0.18, 0.6)
    s.ellipse(CX, -342, 34, 13, 0.5)
    s.ellipse(CX - 5, -346, 20, 6, 0.68)
    # where crown and peak meet
    s.path(f"M{CX - 452} 112C{CX - 300} 20 {CX + 300} 20 {CX + 452} 112", None, 0.7, 0.12, 26)
    # the peak: top surface, then its lit edge and the shade below it
    peak = (
        f"M{CX - 432} 108C{CX - 300} 28 {CX + 300} 28 {CX + 432} 108"
        f"C{CX + 452} 150 {CX + 428} 178 {CX + 380} 190C{CX + 250} 118 {CX - 250} 118 {CX - 380} 190"
        f"C{CX - 428} 178 {CX - 452} 150 {CX - 432} 108Z"
    )
    s.path(peak, s.gradient([(0, 0.3, 1), (0.45, 0.55, 1), (0.8, 0.62, 1), (1, 0.36, 1)],
                            (0, 45, 0, 185)))
    edge = f"M{CX - 380} 188C{CX - 250} 116 {CX + 250} 116 {CX + 380} 188"
    s.path(edge, None, 0.8, 0.2, 9)
    s.path(f"M{CX - 372} 178C{CX - 250} 106 {CX + 250} 106 {CX + 372} 178", None, 0.35, 0.8, 4)
    for k in range(1, 5):
        y = 108 - k * 13
        s.path(f"M{CX - 400 + k * 14} {y + 60}C{CX - 270} {y - 8} {CX + 270} {y - 8} {CX + 400 - k * 14} {y + 60}",
               None, 0.22, 0.3, 3)


def beanie(s: Sheet) -> None:
    """A knitted cap with a turned-up cuff."""
    brow_shadow(s, 72, 150, 0.45)
    body = dome(s, 470, 0, -380) + f"C{CX + 250} 40 {CX - 250} 40 {CX - 470} 0Z"
    s.path(body, s.gradient([(0, 0.64, 1), (0.5, 0.52, 1), (1, 0.24, 1)], (CX - 80, -170, 640)))
    start, end = clip_strands(s, body)
    s.add(start)
    for k in range(-17, 18):
        t = k / 17
        xs = CX + 470 * math.sin(t * 1.5)
        top = np.array([[CX + t * 90, -380], [CX + (xs - CX) * 0.72, -250], [xs, 40]])
        s.strand(top, 0.2, 10, 0.5)
        s.strand(top + [9, 0], 0.72, 5, 0.3)
    for k in range(26):
        y = -370 + k * 15
        s.path(f"M0 {y + 40}C300 {y} 690 {y} 988 {y + 40}", None, 0.16, 0.2, 5)
    s.add(end)
    cuff = (
        f"M{CX - 478} -40C{CX - 300} -96 {CX + 300} -96 {CX + 478} -40C{CX + 492} 20 {CX + 488} 80 "
        f"{CX + 470} 140C{CX + 300} 84 {CX - 300} 84 {CX - 470} 140C{CX - 488} 80 {CX - 492} 20 "
        f"{CX - 478} -40Z"
    )
    s.path(f"M{CX - 474} -46C{CX - 300} -104 {CX + 300} -104 {CX + 474} -46", None, 0.7, 0.1, 22)
    s.path(cuff, s.gradient([(0, 0.4, 1), (0.25, 0.6, 1), (0.75, 0.5, 1), (1, 0.28, 1)],
                            (0, -85, 0, 130)))
    start, end = clip_strands(s, cuff)
    s.add(start)
    for k in range(-30, 31):
        t = k / 30
        x = CX + 480 * math.sin(t * 1.52)
        lift = 56 * (1 - t * t)
        s.path(f"M{n(x)} {n(-44 - lift)}L{n(x)} {n(140 - lift)}", None, 0.5, 0.2, 8)
        s.path(f"M{n(x + 6)} {n(-44 - lift)}L{n(x + 6)} {n(140 - lift)}", None, 0.28, 0.8, 4)
    for side in (-1, 1):
        x = CX + side * 485
        s.path(cuff, s.gradient([(0, 0.06, 0.6), (1, 0.2, 0)], (x, 0, x - side * 210, 0)))
    s.add(end)
    s.path(f"M{CX - 470} 138C{CX - 300} 82 {CX + 300} 82 {CX + 470} 138", None, 0.6, 0.15, 8)


def hood(s: Sheet) -> None:
    """A hood pulled up, with its opening around the face."""
    outer = mirrored([(CX, -430), (CX + 300, -370), (CX + 560, -110), (CX + 640, 260),
                      (CX + 650, 640), (CX + 740, 1080), (CX + 300, 1130)])
    inner = mirrored([(CX, -70), (CX + 240, -30), (CX + 400, 130), (CX + 448, 380),
                      (CX + 430, 660), (CX + 330, 900), (CX + 160, 1040), (CX, 1075)])
    both = closed(outer) + closed(inner)
    s.path(both, s.gradient([(0, 0.1, 1), (0.6, 0.16, 1), (0.73, 0.5, 1), (0.85, 0.6, 1),
                             (1, 0.3, 1)], (CX, 380, 800)), rule="evenodd")
    # the shade of the opening on the face
    s.path(closed(inner) + closed(mirrored([(CX, 60), (CX + 180, 80), (CX + 320, 200),
           (CX + 375, 400), (CX + 360, 640), (CX + 270, 850), (CX + 140, 980), (CX, 1010)])),
           s.gradient([(0, 0, 0.05), (0.75, 0.02, 0.3), (1, 0, 0.75)], (CX, 480, 580)),
           rule="evenodd")
    rim = closed(inner)
    s.path(rim, None, 0.9, 0.46, 40)
    s.path(rim, None, 0.5, 0.18, 10)
    s.path(closed([(CX + (x - CX) * 1.05, 470 + (y - 470) * 1.045) for x, y in inner]), None, 0.35,
           0.72, 6)
    start, end = clip_strands(s, closed(outer))
    s.add(start)
    for side in (-1, 1):
        for k in range(7):
            x = CX + side * (470 + 24 * k)
            pts = np.array([[CX + side * (60 + 40 * k), -410 + 22 * k], [x - side * 10, -60 + 50 * k],
                            [x + side * 10, 420 + 20 * k], [x + side * (60 + k * 10), 1080]])
            s.strand(pts, 0.2 if k % 2 else 0.7, 16 + 3 * k, 0.22)
        for k in range(3):
            x = CX + side * (330 - k * 60)
            s.strand(np.array([[x + side * 160, 930 + k * 30], [x, 1050 + k * 24], [CX + side * 30, 1110]]),
                     0.2, 18, 0.35)
        # a cord
        s.strand(np.array([[CX + side * 235, 985], [CX + side * 250, 1060], [CX + side * 232, 1125]]),
                 0.75, 14, 0.9)
    s.path(f"M{CX} -425C{CX - 6} -300 {CX - 4} -180 {CX} -80", None, 0.5, 0.2, 7)
    s.add(end)


def brimmed_hat(s: Sheet) -> None:
    """A felt hat with a brim and a band."""
    brow_shadow(s, 105, 170, 0.6)
    crown = (
        f"M{CX - 415} 20C{CX - 425} -160 {CX - 370} -330 {CX - 260} -410C{CX - 170} -462 {CX - 80} -412 {CX} -400"
        f"C{CX + 80} -412 {CX + 170} -462 {CX + 260} -410C{CX + 370} -330 {CX + 425} -160 {CX + 415} 20Z"
    )
    s.path(crown, s.gradient([(0, 0.62, 1), (0.5, 0.5, 1), (1, 0.2, 1)], (CX - 110, -230, 600)))
    for side in (-1, 1):
        d = f"M{CX + side * 250} -400C{CX + side * 190} -330 {CX + side * 150} -250 {CX + side * 140} -170"
        s.path(d, None, 0.35, 0.12, 46)
    s.path(f"M{CX} -398C{CX - 30} -340 {CX + 30} -340 {CX} -398Z", 0.2, 0.4)
    band = (f"M{CX - 421} -100C{CX - 250} -40 {CX + 250} -40 {CX + 421} -100L{CX + 424} 30"
            f"C{CX + 250} 90 {CX - 250} 90 {CX - 424} 30Z")
    s.path(band, s.gradient([(0, 0.1, 1), (0.4, 0.24, 1), (0.7, 0.2, 1), (1, 0.06, 1)],
                            (CX - 430, 0, CX + 430, 0)))
    # brim: seen a little from below
    brim = (f"M{CX - 700} 20C{CX - 640} -40 {CX - 480} -40 {CX - 424} 8C{CX - 250} 80 {CX + 250} 80 {CX + 424} 8"
            f"C{CX + 480} -40 {CX + 640} -40 {CX + 700} 20C{CX + 620} 150 {CX + 330} 176 {CX} 172"
            f"C{CX - 330} 176 {CX - 620} 150 {CX - 700} 20Z")
    s.path(brim, s.gradient([(0, 0.66, 1), (0.35, 0.5, 1), (0.8, 0.36, 1), (1, 0.16, 1)],
                            (0, -30, 0, 178)))
    s.path(f"M{CX - 424} 10C{CX - 250} 82 {CX + 250} 82 {CX + 424} 10", None, 0.7, 0.08, 14)
    s.path(f"M{CX - 690} 26C{CX - 610} 146 {CX - 330} 168 {CX} 164C{CX + 330} 168 {CX + 610} 146 {CX + 690} 26",
           None, 0.5, 0.72, 5)
    for side in (-1, 1):
        x = CX + side * 700
        s.path(brim, s.gradient([(0, 0.05, 0.5), (1, 0.2, 0)], (x, 0, x - side * 260, 0)))


def headscarf(s: Sheet) -> None:
    """A headscarf close around the face, falling over the neck."""
    outer = mirrored([(CX, -390), (CX + 260, -350), (CX + 470, -160), (CX + 545, 160),
                      (CX + 560, 520), (CX + 640, 860), (CX + 740, 1080), (CX + 300, 1140)])
    inner = mirrored([(CX, 26), (CX + 210, 56), (CX + 352, 180), (CX + 398, 400),
                      (CX + 385, 640), (CX + 300, 850), (CX + 150, 985), (CX, 1015)])
    s.path(closed(outer) + closed(inner), s.gradient(
        [(0, 0.2, 1), (0.55, 0.28, 1), (0.66, 0.55, 1), (0.82, 0.58, 1), (1, 0.34, 1)],
        (CX, 430, 830)), rule="evenodd")
    s.path(closed(inner) + closed(mirrored([(CX, 110), (CX + 170, 130), (CX + 300, 230),
           (CX + 345, 410), (CX + 335, 620), (CX + 260, 810), (CX + 130, 930), (CX, 955)])),
           s.gradient([(0, 0, 0), (0.75, 0, 0.22), (1, 0, 0.6)], (CX, 500, 510)), rule="evenodd")
    start, end = clip_strands(s, closed(outer) + closed(inner))
    s.add(start)
    for side in (-1, 1):
        for k in range(0, 9):
            off = 26 + 20 * k
            pts = np.array([[CX - side * 12, 8 - off * 1.75], [CX + side * (215 + off * 0.55), 44 - off * 1.2],
                            [CX + side * (380 + off * 0.75), 220 - off * 0.2], [CX + side * (420 + off * 0.8), 520],
                            [CX + side * (350 + off * 1.5), 880 + off * 0.3], [CX + side * (240 + off * 2.4), 1130]])
            s.strand(pts, 0.3 if k % 2 else 0.7, 10 + 2.4 * k, 0.2)
    # folds under the chin, drawn across
    for k in range(8):
        y = 1000 + 17 * k
        s.strand(np.array([[CX - 420 + 10 * k, y - 190 + 10 * k], [CX - 130, y + 10], [CX + 120, y - 2],
                           [CX + 500, y - 260 + 12 * k]]), 0.22 if k % 2 else 0.75, 14, 0.32)
    s.add(end)
    s.path(closed(inner), None, 0.75, 0.42, 26)
    s.path(closed(inner), None, 0.5, 0.16, 7)


def turban(s: Sheet) -> None:
    """A turban of crossing bands."""
    brow_shadow(s, 66, 160, 0.5)
    outline = mirrored([(CX, -430), (CX + 250, -408), (CX + 460, -270), (CX + 545, -60),
                        (CX + 505, 120), (CX + 400, 122), (CX + 180, 84), (CX, 92)])
    shape = closed(outline)
    s.path(shape, s.gradient([(0, 0.6, 1), (0.55, 0.5, 1), (1, 0.22, 1)], (CX - 60, -150, 620)))
    start, end = clip_strands(s, shape)
    s.add(start)
    for k in range(8):  # from the top down; each band lies over the one above it
        for side in ((-1, 1) if k % 2 else (1, -1)):
            y = -395 + 62 * k
            lift = 150 - 6 * k
            top = (f"M{CX - side * 190} {y + 26}C{CX + side * 20} {y - 46} {CX + side * 330} {y + lift * 0.2} "
                   f"{CX + side * 600} {y + lift + 60}")
            d = (f"{top}L{CX + side * 600} {y + lift + 170}C{CX + side * 330} {y + lift * 0.25 + 100} "
                 f"{CX + side * 60} {y + 60} {CX - side * 190} {y + 26}Z")
            s.path(d, s.gradient([(0, 0.7, 0.95), (0.35, 0.54, 0.95), (1, 0.26, 0.95)],
                                 (CX, y - 40, CX - side * 34, y + 80)))
            s.path(top, None, 0.55, 0.14, 8)
            for j in range(3):
                z = 22 + 22 * j
                s.path(f"M{CX - side * (150 - 20 * j)} {y + 24}C{CX + side * 20} {y - 40 + z} {CX + side * 330} "
                       f"{y + lift * 0.22 + z} {CX + side * 600} {y + lift + 60 + z}", None, 0.25, 0.3, 4)
    for side in (-1, 1):
        x = CX + side * 550
        s.path(shape, s.gradient([(0, 0.04, 0.65), (1, 0.2, 0)], (x, 0, x - side * 250, 0)))
    s.add(end)
    s.path(f"M{CX - 500} 118C{CX - 300} 128 {CX - 180} 84 {CX} 92C{CX + 180} 84 {CX + 300} 128 {CX + 500} 118",
           None, 0.5, 0.12, 12)

