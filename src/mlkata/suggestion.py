"""Says which known names an unknown one may have meant."""

from collections.abc import Collection
from difflib import get_close_matches


def suggestion(name: str, known: Collection[str], *, otherwise: str) -> str:
    """The close matches of `name` among the `known`, whatever their case, as a question; `otherwise` if there are none.

    >>> suggestion("Levle", ["level", "title"], otherwise="delete it")
    "did you mean 'level'?"
    >>> suggestion("colour", ["level", "title"], otherwise="delete it")
    'delete it'
    """
    spelled = {each.lower(): each for each in known}
    matches = get_close_matches(name.lower(), spelled, n=3)
    return f"did you mean {' or '.join(repr(spelled[match]) for match in matches)}?" if matches else otherwise
