"""What tests ask for that need the sandbox."""

import os

import pytest

from mlkata.sandbox import unavailable

needs_walls = pytest.mark.skipif(
    bool(unavailable()) and not os.environ.get("CI"), reason=unavailable() or "walls stand"
)
