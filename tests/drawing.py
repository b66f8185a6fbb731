"""Which answers draw random numbers: what becomes of them may differ from run to run where nobody seeds them."""

import re

_DRAWS = re.compile(r"\brand|random|bernoulli|dropout|uniform_|normal_|multinomial|manual_seed|default_rng|shuffle")


def draws(path):
    """Whether a source mentions anything that draws."""
    return bool(_DRAWS.search(path.read_text(encoding="utf-8")))
