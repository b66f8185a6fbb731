"""An explicit inverse, erf from math, a Latin hypercube to begin with, and the length scale by likelihood."""

import math
import random

import numpy as np


def gp_posterior(X, y, X_new, *, length_scale=1.0, variance=1.0, noise=1e-6):
    X, y, X_new = np.array(X, float), np.array(y, float), np.array(X_new, float)
    if X.ndim != 2 or X_new.ndim != 2 or y.ndim != 1 or len(y) != len(X) or X.shape[1] != X_new.shape[1]:
        raise ValueError("shapes")
    if min(length_scale, variance, noise) <= 0:
        raise ValueError("parameters")
    inverse = np.linalg.inv(table(X, X, length_scale, variance) + noise * np.identity(len(X)))
    mean, std = np.zeros(len(X_new)), np.zeros(len(X_new))
    for i in range(len(X_new)):
        k = table(X, X_new[i : i + 1], length_scale, variance)[:, 0]
        mean[i] = k.dot(inverse).dot(y)
        std[i] = math.sqrt(max(variance - k.dot(inverse).dot(k), 0))
    return mean, std


def table(A, B, length_scale, variance):
    squared = np.zeros((len(A), len(B)))
    for column in range(A.shape[1]):
        squared += np.subtract.outer(A[:, column], B[:, column]) ** 2
    return variance * np.exp(-0.5 * squared / length_scale**2)


def expected_improvement(mean, std, best, *, xi=0.0):
    found = []
    for m, s in zip(list(mean), list(std), strict=True):
        gain = best - xi - m
        if s > 0:
            z = gain / s
            below = 0.5 * math.erfc(-z / math.sqrt(2))
            gain = gain * below + s * math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
        found.append(max(gain, 0.0))
    return np.array(found)


def minimize(f, bounds, *, n_calls=30, n_initial=6, seed=None):
    sides = [(float(low), float(high)) for low, high in bounds]
    if not sides or n_initial < 1 or n_initial > n_calls:
        raise ValueError("out of range")
    for low, high in sides:
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise ValueError("bounds")
    chance = random.Random(seed)
    columns = []
    for _ in sides:
        cells = list(range(n_initial))
        chance.shuffle(cells)
        columns.append([(cell + chance.random()) / n_initial for cell in cells])
    points = [list(point) for point in zip(*columns, strict=True)]
    values = []
    while True:
        point = points[len(values)]
        x = np.array([low + share * (high - low) for share, (low, high) in zip(point, sides, strict=True)])
        values.append(f(x))
        if len(values) == n_calls:
            break
        if len(values) >= n_initial:
            points.append(next_point(points, values, chance))
    best = min(range(n_calls), key=values.__getitem__)
    x = [low + share * (high - low) for share, (low, high) in zip(points[best], sides, strict=True)]
    return np.array(x), float(values[best])


def next_point(points, values, chance):
    U, d = np.array(points), len(points[0])
    y = np.array(values, float) - np.mean(values)
    y = y / (y.std() or 1.0)
    length = max((0.15, 0.25, 0.4), key=lambda scale: likelihood(U, y, scale))
    best = points[int(np.argmin(y))]
    candidates = [[chance.random() for _ in range(d)] for _ in range(100)]
    for width in (0.1, 0.02):
        candidates += [[min(max(b + chance.gauss(0, width), 0.0), 1.0) for b in best] for _ in range(60)]
    mean, std = gp_posterior(U, y, candidates, length_scale=length, noise=1e-5)
    return candidates[int(np.argmax(expected_improvement(mean, std, y.min())))]


def likelihood(U, y, scale):
    K = table(U, U, scale, 1.0) + 1e-5 * np.identity(len(U))
    return -0.5 * y.dot(np.linalg.solve(K, y)) - 0.5 * np.linalg.slogdet(K)[1]
