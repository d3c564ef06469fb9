"""The exact grader: palette colours, connected components, shapes by fitted templates.

An image is right when it shows every wanted object, nothing else, and in the wanted relation.
"""
import functools
from typing import NamedTuple, Optional

import numpy as np
from PIL import Image, ImageDraw

from scenes import BACKGROUND, COLORS, SHAPES, SIZE, SUPERSAMPLING, draw_shape, relation_of

NAMES = list(COLORS)
PALETTE = np.array([COLORS[name] for name in NAMES], np.float32)
PAPER = np.array(BACKGROUND, np.float32)
FOREGROUND = 55.0  # distance from the background, in RGB, from which a pixel belongs to an object
MIN_AREA = 14  # pixels of a readable object
SPECK_AREA, SPECK_CONTRAST = 6, 110.0  # smaller things than that are noise, not an object
MIN_CORE = 5  # pixels that are surely of one colour, to let only those vote
MIN_PURITY = 0.75  # share of the votes that names the colour
MIN_OVERLAP = 0.72  # intersection over union with the template that names the shape


class Found(NamedTuple):
    """An object of an image; color or shape is None where it cannot be read."""

    color: Optional[str]
    shape: Optional[str]
    x: float
    y: float


class Grade(NamedTuple):
    right: bool  # everything: objects and relation
    share: float  # of the wanted objects that are there
    found: int


@functools.lru_cache(None)
def unit_area(shape):
    """Area of a shape of radius 1."""
    image = Image.new("L", (400, 400))
    draw_shape(ImageDraw.Draw(image), shape, 200, 200, 100, 255, 0)
    return float((np.asarray(image) > 0).sum()) / 100**2


def components(mask):
    """4-connected components of a boolean image, as arrays of flat indices."""
    open_pixels = set(np.flatnonzero(mask).tolist())
    while open_pixels:
        stack, component = [open_pixels.pop()], []
        while stack:
            p = stack.pop()
            component.append(p)
            column = p % SIZE
            neighbours = [p - SIZE, p + SIZE]
            neighbours += [p - 1] if column > 0 else []
            neighbours += [p + 1] if column < SIZE - 1 else []
            for q in open_pixels.intersection(neighbours):
                open_pixels.remove(q)
                stack.append(q)
        yield np.array(component)


def color_of(nearest, sure):
    """(index of the colour that most pixels are nearest to, its share of the votes)"""
    votes = nearest[sure] if sure.sum() >= MIN_CORE else nearest
    counts = np.bincount(votes, minlength=len(NAMES))
    return int(counts.argmax()), counts.max() / max(1, counts.sum())


def coverage(image, ys, xs, color, window):
    """How much of each pixel the object covers, on the window: 0 is background, 1 its colour."""
    top, bottom, left, right = window
    axis = PALETTE[color] - PAPER
    share = ((image[top:bottom, left:right] - PAPER) @ axis / (axis @ axis)).clip(0, 1)
    own = np.zeros((SIZE + 2, SIZE + 2), bool)
    own[ys + 1, xs + 1] = True
    near = own[1:-1, 1:-1] | own[:-2, 1:-1] | own[2:, 1:-1] | own[1:-1, :-2] | own[1:-1, 2:]
    return share * near[top:bottom, left:right]


def template(shape, x, y, r, window):
    top, bottom, left, right = window
    s = SUPERSAMPLING
    image = Image.new("L", ((right - left) * s, (bottom - top) * s))
    canvas = ImageDraw.Draw(image)
    draw_shape(canvas, shape, (x - left) * s, (y - top) * s, r * s, 255, 0)
    return np.asarray(image.reduce(s), np.float32) / 255


def shape_of(cover, x, y, window):
    """(shape of the best template of the same area and centre, its overlap)"""
    area, best = cover.sum(), (None, 0.0)
    for shape in SHAPES:
        r = (area / unit_area(shape)) ** 0.5
        drawn = template(shape, x, y, r, window)
        overlap = np.minimum(drawn, cover).sum() / np.maximum(drawn, cover).sum()
        # what the window cuts off the template is missed, too
        overlap *= min(1.0, drawn.sum() / (unit_area(shape) * r * r) + 0.02)
        if overlap > best[1]:
            best = shape, float(overlap)
    return best


def detect(image):
    """The objects of a uint8 [64, 64, 3] image."""
    pixels = image.astype(np.float32)
    contrast = np.linalg.norm(pixels - PAPER, axis=-1)
    distances = np.linalg.norm(pixels[:, :, None] - PALETTE, axis=-1)
    for component in components(contrast > FOREGROUND):
        ys, xs = component // SIZE, component % SIZE
        if len(component) < MIN_AREA:
            if len(component) >= SPECK_AREA and contrast[ys, xs].max() > SPECK_CONTRAST:
                yield Found(None, None, float(xs.mean()), float(ys.mean()))
            continue
        sure = distances[ys, xs].min(-1) < 0.5 * contrast[ys, xs]
        color, purity = color_of(distances[ys, xs].argmin(-1), sure)
        window = (max(0, ys.min() - 1), min(SIZE, ys.max() + 2),
                  max(0, xs.min() - 1), min(SIZE, xs.max() + 2))
        cover = coverage(pixels, ys, xs, color, window)
        rows, columns = np.mgrid[window[0]:window[1], window[2]:window[3]] + 0.5
        area = cover.sum()
        x, y = float((cover * columns).sum() / area), float((cover * rows).sum() / area)
        shape, overlap = shape_of(cover, x, y, window)
        yield Found(NAMES[color] if purity >= MIN_PURITY else None,
                    shape if overlap >= MIN_OVERLAP else None, x, y)


def grade(image, spec):
    found = list(detect(image))
    left = [(f.color, f.shape) for f in found]
    wanted = [tuple(item) for item in spec.items]
    hits = 0
    for item in wanted:
        if item in left:
            left.remove(item)
            hits += 1
    right = hits == len(wanted) and not left
    if right and spec.kind == "spatial":
        a, b = (next(f for f in found if (f.color, f.shape) == item) for item in wanted)
        right = relation_of(a.x - b.x, a.y - b.y) == spec.relation
    return Grade(right, hits / len(wanted), len(found))
