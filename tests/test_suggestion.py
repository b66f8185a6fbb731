"""Unknown names are answered with the close ones."""

from mlkata.suggestion import suggestion


def test_close_names_are_asked_for():
    assert suggestion("levle", ["level", "title"], otherwise="delete it") == "did you mean 'level'?"


def test_case_does_not_keep_names_apart():
    assert suggestion("GOOGEL", ["Google"], otherwise="no") == "did you mean 'Google'?"


def test_closest_of_several_comes_first():
    assert suggestion("focal", ["vocal_loss", "focal_loss"], otherwise="no").startswith("did you mean 'focal_loss'")


def test_strange_name_is_answered_otherwise():
    assert suggestion("colour", ["level", "title"], otherwise="delete it") == "delete it"
