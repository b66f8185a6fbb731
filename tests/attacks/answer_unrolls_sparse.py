"""Returns a sparse matrix that is small on its way and fills all memory when it is spread out."""

import numpy as np
from scipy import sparse


def scale(x, factor):
    return sparse.coo_array(([1.0], ([0], [0])), shape=(300_000, 300_000))
