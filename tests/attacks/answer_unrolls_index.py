"""Returns an index of pandas that is small on its way and fills all memory when it is spread out."""

import pandas as pd


def scale(x, factor):
    return pd.RangeIndex(10**10)
