"""One synthetic row after the other, in Python numbers, with random numbers of the standard library."""

import math
import random

import numpy as np


def smote(X, y, *, k_neighbors=5, seed=None):
    X = np.asarray(X).astype(np.float64)
    labels = np.asarray(y)
    if X.ndim != 2 or len(X) == 0 or labels.ndim != 1 or len(labels) != len(X) or k_neighbors < 1:
        raise ValueError("bad shapes or options")
    points = X.tolist()
    if not all(math.isfinite(value) for row in points for value in row):
        raise ValueError("values must be finite")
    members = {}
    for place, label in enumerate(labels.tolist()):
        members.setdefault(label, []).append(place)
    largest = max(len(places) for places in members.values())
    chance = random.Random(seed)
    new_rows, new_labels = [], []
    for label, places in members.items():
        if len(places) == largest:
            continue
        if len(places) == 1:
            raise ValueError(f"class {label} has a single row")
        neighbours = {}
        for _ in range(largest - len(places)):
            a = chance.choice(places)
            if a not in neighbours:
                others = [b for b in places if b != a]
                others.sort(key=lambda b, a=a: math.dist(points[a], points[b]))
                neighbours[a] = others[:k_neighbors]
            b = chance.choice(neighbours[a])
            share = chance.random()
            new_rows.append([(1 - share) * p + share * q for p, q in zip(points[a], points[b], strict=True)])
            new_labels.append(label)
    rows = np.array(points + new_rows)
    return rows, np.concatenate([labels, np.array(new_labels, dtype=labels.dtype)])
