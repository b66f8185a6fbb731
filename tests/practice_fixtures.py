"""A practice folder over the toy catalogue, for the tests of a learner's day."""

from __future__ import annotations

import pytest
from toy import METADATA, add_exercise, toy_catalogue

from mlkata import learner_commands
from mlkata.catalog import Catalog
from mlkata.shipping import init


@pytest.fixture
def source(tmp_path):
    """A catalogue of `double`, which Google asks for, and of `treble` and `halve`, which are harder."""
    root = toy_catalogue(tmp_path)
    losses = METADATA.replace("warm_up", "losses").replace('["Q01", "T013"]', '["Q14"]')
    add_exercise(root, "halve", losses.replace('"easy"', '"hard"').replace("minutes = 5", "minutes = 40"))
    add_exercise(root, "treble", losses.replace('"easy"', '"medium"').replace("minutes = 5", "minutes = 20"))
    return Catalog(root)


@pytest.fixture
def practice(source, tmp_path):
    """A folder that `mlkata init` made of it, and that stands for the working directory's.

    The installed mlkata does not have these exercises, so their graders and references are put beside them.
    """
    made, _ = init(tmp_path / "practice", source)
    for hidden in ("graders", "solutions"):
        (made.root / hidden).symlink_to(source.root / hidden)
    return made


@pytest.fixture
def inside(practice, source, monkeypatch):
    """The same, with the toy catalogue for the exercises of mlkata itself, and the working directory in the folder."""
    monkeypatch.setattr(learner_commands, "content_root", lambda: source.root)
    monkeypatch.chdir(practice.root)
    return practice
