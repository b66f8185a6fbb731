"""Draws plots as inline SVG, coloured by the page that they stand in."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from mlkata.grades import points_text

BINS = 10
WIDTH, HEIGHT = 320, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 8, 8, 16, 22
_GAP = 2
_ROUNDING = 1e-9  # points that should lie on the edge of a bin may lie a hair beside it


def histogram(values: Sequence[float], top: float, what: str, id: str) -> str:
    """How many of the values lie in each of ten equal parts of 0 to `top`, the last with its upper end.

    Parameters
    ----------
    values : sequence of float
    top : float
        Greater than 0.
    what : str
        What is counted, for readers of the title.
    id : str
        Unique in the page, and of letters, digits and hyphens.
    """
    counts = bin_counts(values, top)
    step = (WIDTH - _LEFT - _RIGHT) / BINS
    floor, height = HEIGHT - _BOTTOM, HEIGHT - _BOTTOM - _TOP
    parts = [f'<line class="axis" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{floor}" y2="{floor}"/>']
    for place, count in enumerate(counts):
        if count:
            tall = height * count / max(counts)
            x = _LEFT + place * step
            middle, above = x + step / 2, floor - tall - 4
            parts.append(
                f'<rect class="bar" x="{x + _GAP / 2:.4g}" y="{floor - tall:.4g}" '
                f'width="{step - _GAP:.4g}" height="{tall:.4g}"/>'
                f'<text class="count" x="{middle:.4g}" y="{above:.4g}" text-anchor="middle">{count}</text>'
            )
    for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        x = _LEFT + share * (WIDTH - _LEFT - _RIGHT)
        parts.append(f'<text x="{x:.4g}" y="{HEIGHT - 6}" text-anchor="{anchor}">{points_text(share * top)}</text>')
    told = ", ".join(
        f"{count} from {points_text(place * top / BINS)} to {points_text((place + 1) * top / BINS)} points"
        for place, count in enumerate(counts)
        if count
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="{id}-title {id}-text">'
        f'<title id="{id}-title">{escape(what)}</title><desc id="{id}-text">{told or "none"}</desc>'
        f"{''.join(parts)}</svg>"
    )


def bar(share: float) -> str:
    """A bar as long as a share, from 0 to 1; the figure itself belongs beside it."""
    long = 100 * min(max(share, 0.0), 1.0)
    return (
        '<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="bar" width="{long:.4g}" height="8"/></svg>'
    )


def bin_counts(values: Sequence[float], top: float) -> list[int]:
    """How many values lie in each bin.

    >>> bin_counts([0, 0.3, 9.9, 10], 10)
    [2, 0, 0, 0, 0, 0, 0, 0, 0, 2]
    """
    counts = [0] * BINS
    for value in values:
        counts[min(int(BINS * value / top + _ROUNDING), BINS - 1)] += 1
    return counts
