"""Features arrive at random times in [0, 1]: the expected gain is a polynomial, integrated exactly by Gauss's rule."""

import numpy as np


def shapley_values(predict, X, background):
    X = np.array(X, dtype=float)
    background = np.array(background, dtype=float)
    if X.ndim != 2 or background.ndim != 2 or X.shape[1:] != background.shape[1:]:
        raise ValueError("X and background must have the same columns")
    if len(background) == 0 or X.shape[1] == 0 or X.shape[1] > 20:
        raise ValueError("nothing to explain with, or too much to explain")
    m, d = background.shape
    base_value = _ask(predict, background.copy()).mean()
    values = np.zeros((len(X), d))
    nodes, node_weights = np.polynomial.legendre.leggauss(d // 2 + 1)
    for i, x in enumerate(X):
        worth = np.array([base_value])
        # The table doubles with each feature: the lower half does without it, the upper half has it.
        masks = np.zeros((1, d), dtype=bool)
        for j in range(d):
            new = masks.copy()
            new[:, j] = True
            rows = np.repeat(background[None], len(new), axis=0)
            np.copyto(rows, x, where=new[:, None, :])
            worth = np.append(worth, _ask(predict, rows.reshape(-1, d)).reshape(-1, m).mean(axis=1))
            masks = np.concatenate([masks, new])
        for t, weight in zip((nodes + 1) / 2, node_weights / 2, strict=True):
            for j in range(d):
                gain = worth.reshape(2 ** (d - j - 1), 2, 2**j)
                gain = gain[:, 1] - gain[:, 0]
                for _ in range(d - 1):
                    flat = gain.reshape(-1, 2)
                    gain = (1 - t) * flat[:, 0] + t * flat[:, 1]
                values[i, j] += weight * gain.item()
    return values, float(base_value)


def _ask(predict, rows):
    n_rows = len(rows)
    found = np.asarray(predict(rows))
    if found.shape != (n_rows,):
        raise ValueError(f"expected {n_rows} predictions, found the shape {found.shape}")
    return np.array(found, dtype=float)
