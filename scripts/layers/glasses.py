"""Glasses, clear and dark."""

from __future__ import annotations

from collections.abc import Callable

from scripts.layers.sheet import CX, Sheet, n


def frame_glasses(s: Sheet, lens: Callable[[float, int], str], width: float, dark: bool) -> None:
    """Two lenses, a bridge and the arms."""
    for side in (-1, 1):
        x = CX + side * 191
        d = lens(x, side)
        # the frame's shade on the skin
        s.add('<g transform="translate(0 12)">')
        s.path(d, None, 0.22, 0.0, width + 8)
        s.add("</g>")
        if dark:
            s.path(d, s.gradient([(0, 0.3, 0.97), (0.55, 0.46, 0.94), (1, 0.6, 0.86)],
                                 (0, 205, 0, 420)))
            s.path(f"M{x - 78} 250C{x - 66} 226 {x - 30} 222 {x + 6} 224L{x - 60} 350C{x - 84} 330 {x - 90} 290 {x - 78} 250Z",
                   0.86, 0.13)
        else:
            s.path(d, s.gradient([(0, 0.95, 0.12), (0.5, 0.9, 0.03), (1, 0.95, 0.09)],
                                 (x - 110, 210, x + 110, 410)))
            s.path(f"M{x - 58} 235L{x - 12} 235L{x - 66} 345L{x - 88} 318Z", 1.0, 0.09)
    # arms
    for side in (-1, 1):
        x = CX + side * 300
        s.path(f"M{x} 262C{x + side * 50} 258 {x + side * 90} 268 {x + side * 140} 290", None, 0.9,
               0.34, width * 0.9)
        s.path(f"M{x} 274C{x + side * 50} 270 {x + side * 90} 280 {x + side * 140} 302", None, 0.2,
               0.0, width)
    s.path(f"M{CX - 74} 280C{CX - 40} 250 {CX + 40} 250 {CX + 74} 280", None, 0.25, 0.0, width + 6)
    s.path(f"M{CX - 76} 274C{CX - 40} 246 {CX + 40} 246 {CX + 76} 274", None, 1.0, 0.46, width)
    s.path(f"M{CX - 60} 262C{CX - 36} 242 {CX + 36} 242 {CX + 60} 262", None, 0.5, 0.75, width * 0.25)
    for side in (-1, 1):
        d = lens(CX + side * 191, side)
        s.path(d, None, 1.0, 0.42, width)
        s.add(f'<g transform="translate(0 {n(-width * 0.2)})">')
        s.path(d, None, 0.35, 0.72, width * 0.28)
        s.add("</g>")


def round_lens(x: float, side: int) -> str:
    """A circle, a little wider than high."""
    return f"M{x - 108} 306A108 102 0 1 1 {x + 108} 306A108 102 0 1 1 {x - 108} 306Z"


def square_lens(x: float, side: int) -> str:
    """A rectangle with round corners, narrower below."""
    outer, inner = x + side * 122, x - side * 112
    return (
        f"M{inner} 238C{inner} 222 {inner + side * 14} 214 {inner + side * 34} 213"
        f"L{outer - side * 30} 210C{outer - side * 6} 210 {outer} 222 {outer} 244"
        f"C{outer - side * 2} 330 {outer - side * 24} 392 {outer - side * 86} 396"
        f"L{inner + side * 66} 394C{inner + side * 16} 390 {inner} 330 {inner} 238Z"
    )


def drop_lens(x: float, side: int) -> str:
    """A pilot's drop."""
    outer, inner = x + side * 138, x - side * 122
    return (
        f"M{inner} 262C{inner} 226 {inner + side * 20} 214 {inner + side * 60} 210"
        f"L{outer - side * 60} 206C{outer - side * 10} 208 {outer} 240 {outer - side * 2} 290"
        f"C{outer - side * 12} 380 {outer - side * 72} 430 {outer - side * 124} 428"
        f"C{inner + side * 60} 424 {inner} 360 {inner} 262Z"
    )


def slim_lens(x: float, side: int) -> str:
    """A narrow lens."""
    outer, inner = x + side * 118, x - side * 108
    return (
        f"M{inner} 270C{inner + side * 4} 250 {inner + side * 30} 246 {x} 245"
        f"C{outer - side * 40} 244 {outer} 250 {outer} 278C{outer - side * 6} 340 {outer - side * 50} 358 {x} 358"
        f"C{inner + side * 40} 358 {inner} 330 {inner} 270Z"
    )

