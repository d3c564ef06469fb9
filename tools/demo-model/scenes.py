"""Scenes of coloured shapes on a 64 x 64 canvas: palette, drawing, placement. Seeded and exact."""
import math

import numpy as np
from PIL import Image, ImageDraw

SIZE = 64  # image side in pixels
SUPERSAMPLING = 4
BACKGROUND = (226, 226, 226)
COLORS = {
    "red": (222, 32, 40),
    "orange": (252, 142, 20),
    "yellow": (246, 222, 40),
    "green": (36, 156, 60),
    "cyan": (40, 204, 214),
    "blue": (40, 72, 220),
    "purple": (142, 44, 176),
    "black": (24, 24, 24),
}
SHAPES = ["circle", "square", "triangle", "star", "cross", "ring"]
# radius of the circle that a shape keeps free around itself, in units of its own radius
REACH = {"circle": 1.0, "ring": 1.08, "square": 0.88 * 1.36, "triangle": 1.2, "star": 1.25,
         "cross": 1.1}
# smallest and largest radius in pixels, by the number of objects in the scene
RADII = {1: (8.5, 14), 2: (8, 12), 3: (7.5, 10), 4: (7.5, 9)}


def box(x, y, rx, ry=None):
    ry = rx if ry is None else ry
    return x - rx, y - ry, x + rx, y + ry


def spokes(x, y, radii):
    """Points around (x, y), the first straight up, one for each radius."""
    step = 2 * math.pi / len(radii)
    return [(x + r * math.sin(k * step), y - r * math.cos(k * step)) for k, r in enumerate(radii)]


def draw_shape(canvas, shape, x, y, r, fill, hole):
    """Draws one shape of radius r around (x, y) in the canvas's own pixels."""
    if shape == "circle":
        canvas.ellipse(box(x, y, r), fill=fill)
    elif shape == "ring":
        canvas.ellipse(box(x, y, 1.08 * r), fill=fill)
        canvas.ellipse(box(x, y, 0.55 * r), fill=hole)
    elif shape == "square":
        canvas.rectangle(box(x, y, 0.88 * r), fill=fill)
    elif shape == "triangle":
        canvas.polygon(spokes(x, y, [1.28 * r] * 3), fill=fill)
    elif shape == "star":
        canvas.polygon(spokes(x, y, [1.32 * r, 0.53 * r] * 5), fill=fill)
    elif shape == "cross":
        canvas.rectangle(box(x, y, 0.36 * r, 1.1 * r), fill=fill)
        canvas.rectangle(box(x, y, 1.1 * r, 0.36 * r), fill=fill)
    else:
        raise ValueError(f"shape {shape!r}, expected one of {SHAPES}")


def render(objects):
    """Draws (color, shape, x, y, radius) tuples, in pixels of the image: uint8 [64, 64, 3]."""
    s = SUPERSAMPLING
    image = Image.new("RGB", (SIZE * s, SIZE * s), BACKGROUND)
    canvas = ImageDraw.Draw(image)
    for color, shape, x, y, r in objects:
        draw_shape(canvas, shape, x * s, y * s, r * s, COLORS[color], BACKGROUND)
    return np.asarray(image.reduce(s))


def relation_of(dx, dy):
    """The relation in which an object at offset (dx, dy) stands to another."""
    if abs(dx) >= abs(dy):
        return "to the left of" if dx < 0 else "to the right of"
    return "above" if dy < 0 else "below"


def apart(a, b):
    reach = REACH[a[1]] * a[4] + REACH[b[1]] * b[4]
    return math.hypot(a[2] - b[2], a[3] - b[3]) >= reach + 2.5


def clearly(relation, a, b):
    """Whether a stands in the relation to b, well away from the diagonals."""
    dx, dy = a[2] - b[2], a[3] - b[3]
    lead, other = max(abs(dx), abs(dy)), min(abs(dx), abs(dy))
    return relation_of(dx, dy) == relation and lead > 1.5 * other


def scatter(items, rng):
    low, high = RADII[len(items)]
    common = rng.uniform(low, high)
    for color, shape in items:
        r = min(max(common * rng.uniform(0.9, 1.1), low), high)
        margin = 1.32 * r + 1
        x, y = rng.uniform(margin, SIZE - margin), rng.uniform(margin, SIZE - margin)
        yield color, shape, x, y, r


def place(items, relation, rng):
    """Positions for (color, shape) items: none touch, and the first two obey the relation."""
    while True:
        objects = list(scatter(items, rng))
        pairs = [(a, b) for i, a in enumerate(objects) for b in objects[:i]]
        if all(apart(a, b) for a, b in pairs):
            if relation is None or clearly(relation, objects[0], objects[1]):
                return objects
