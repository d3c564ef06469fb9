"""What a scene holds and how it is said: specifications, true captions, noisy captions, prompts."""
import random
from typing import NamedTuple, Optional

from scenes import COLORS, SHAPES

NUMBERS = ["one", "two", "three", "four"]
INVERSE = {"to the left of": "to the right of", "to the right of": "to the left of",
           "above": "below", "below": "above"}
RELATIONS = list(INVERSE)
KINDS = ["single", "colors", "spatial", "numeracy"]
EVERY = [(c, s) for c in COLORS for s in SHAPES]
# one shape of each colour that no training scene shows
HELD_OUT = {("red", "star"), ("orange", "ring"), ("yellow", "cross"), ("green", "circle"),
            ("cyan", "triangle"), ("blue", "square"), ("purple", "star"), ("black", "ring")}
SEEN = [item for item in EVERY if item not in HELD_OUT]


class Spec(NamedTuple):
    """A kind of KINDS, (color, shape) items, and for "spatial" the first item's relation."""

    kind: str
    items: list
    relation: Optional[str] = None


def plural(shape):
    return "crosses" if shape == "cross" else shape + "s"


def noun(item):
    color, shape = item
    return f"{'an' if color[0] in 'aeiou' else 'a'} {color} {shape}"


def caption(spec):
    first = spec.items[0]
    if spec.kind == "numeracy":
        count = len(spec.items)
        shape = first[1] if count == 1 else plural(first[1])
        return f"{NUMBERS[count - 1]} {first[0]} {shape}"
    joiner = f" {spec.relation} " if spec.kind == "spatial" else " and "
    return joiner.join(noun(item) for item in spec.items)


def sample_spec(rng, pool=SEEN):
    """A scene to draw: 15 % single objects, 60 % pairs, 25 % counts."""
    u = rng.random()
    if u < 0.15:
        return Spec("single", [rng.choice(pool)])
    if u >= 0.75:
        return Spec("numeracy", [rng.choice(pool)] * rng.randint(1, 4))
    a, b = rng.choice(pool), rng.choice(pool)
    while a == b:
        b = rng.choice(pool)
    if rng.random() < 0.75:
        return Spec("spatial", [a, b], rng.choice(RELATIONS))
    return Spec("colors", [a, b])


def either_order(items, rng):
    return list(items) if rng.random() < 0.5 else list(items)[::-1]


def true_caption(spec, rng):
    """One of the captions that are true of the scene."""
    kind, items, relation = spec
    if kind == "spatial":
        if rng.random() < 0.35:
            return caption(Spec("colors", either_order(items, rng)))
        turned = Spec(kind, items[::-1], INVERSE[relation])
        return caption(spec if rng.random() < 0.5 else turned)
    if kind == "colors":
        return caption(Spec(kind, either_order(items, rng)))
    if kind == "numeracy" and len(items) == 1:
        return caption(spec if rng.random() < 0.5 else Spec("single", items))
    return caption(spec)


def with_absent_object(item, rng):
    extra = rng.choice([x for x in SEEN if x[0] != item[0] and x[1] != item[1]])
    pair = either_order([item, extra], rng)
    if rng.random() < 0.4:
        return Spec("spatial", pair, rng.choice(RELATIONS))
    return Spec("colors", pair)


def changed(item, rng):
    """The item with another colour or another shape."""
    color, shape = item
    if rng.random() < 0.5:
        return rng.choice([c for c in COLORS if c != color]), shape
    return color, rng.choice([s for s in SHAPES if s != shape])


def corrupt(spec, rng, neglect=0.75, wrong=0.15):
    """The scene as a careless caption has it.

    A share `neglect` of the single-object scenes is said to hold an object more; of the others a
    share `wrong` has one thing wrong: the count, the colours swapped, or one colour or shape.
    """
    kind, items, relation = spec
    items = [tuple(item) for item in items]
    if kind == "single":
        return with_absent_object(items[0], rng) if rng.random() < neglect else spec
    if rng.random() >= wrong:
        return spec
    if kind == "numeracy":
        return Spec(kind, [items[0]] * min(4, len(items) + 1), relation)
    (c, s), (c2, s2) = items
    if rng.random() < 0.5 and c != c2 and s != s2:
        return Spec(kind, [(c2, s), (c, s2)], relation)
    k = rng.randint(0, 1)
    items[k] = changed(items[k], rng)
    return Spec(kind, items, relation)


def prompt_spec(kind, held_out, rng):
    """A prompt's scene; its two objects differ in colour and in shape."""
    while True:
        a = rng.choice(sorted(HELD_OUT)) if held_out else rng.choice(SEEN)
        b = rng.choice(SEEN)
        if a[0] != b[0] and a[1] != b[1]:
            break
    if kind == "single":
        return Spec(kind, [a])
    if kind == "colors":
        return Spec(kind, [a, b])
    if kind == "spatial":
        return Spec(kind, either_order([a, b], rng), rng.choice(RELATIONS))
    return Spec(kind, [a] * rng.randint(2, 4))


def draw_prompts(counts, held_out, used, rng):
    """counts of KINDS, the first held_out of each with an unseen combination; none twice."""
    specs = []
    for kind, count, unseen in zip(KINDS, counts, held_out):
        for i in range(count):
            spec = prompt_spec(kind, i < unseen, rng)
            while caption(spec) in used:
                spec = prompt_spec(kind, i < unseen, rng)
            used.add(caption(spec))
            specs.append(spec)
    return specs


def mirrored(spec):
    """The same scene, told from its last object."""
    relation = INVERSE[spec.relation] if spec.relation else None
    return Spec(spec.kind, spec.items[::-1], relation)


def prompt_sets():
    """{"eval", "tune", "validation"}: disjoint prompts; only "eval" has unseen combinations.

    No validation prompt tells the scene of another prompt, not even in other words.
    """
    used, rng = set(), random.Random(7)
    sets = {"eval": draw_prompts((8, 16, 20, 16), (4, 4, 5, 4), used, rng),
            "tune": draw_prompts((15, 40, 55, 40), (0, 0, 0, 0), used, rng)}
    used |= {caption(mirrored(spec)) for specs in sets.values() for spec in specs}
    sets["validation"] = draw_prompts((4, 7, 7, 6), (0, 0, 0, 0), used, random.Random(11))
    return sets
