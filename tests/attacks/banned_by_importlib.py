"""Calls a banned function of a module that importlib imports."""

import importlib

EARNS = "refused"


def scale(x, factor):
    return importlib.import_module("num" + "py").multiply(x, factor)
