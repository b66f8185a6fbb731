"""Calls a banned function of a module that __import__ imports."""



EARNS = "refused"


def scale(x, factor):
    return __import__("numpy").multiply(x, factor)
