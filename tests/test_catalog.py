"""The catalogue reads sound exercises, and says of an unsound one what is wrong, where, and what to do."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from toy import METADATA, add_exercise, toy_catalogue, write

from mlkata.catalog import Catalog, Limits, content_root, exercise_at, read_exercise
from mlkata.errors import CatalogError, UsageError


@pytest.fixture
def root(tmp_path):
    return toy_catalogue(tmp_path)


def error_of(root: Path, metadata: str | bytes) -> CatalogError:
    """What reading the toy exercise raises once its exercise.toml is this."""
    path = root / "exercises/double/exercise.toml"
    path.write_bytes(metadata if isinstance(metadata, bytes) else metadata.encode())
    with pytest.raises(CatalogError) as caught:
        read_exercise(path.parent)
    return caught.value


def with_line(key: str, value: str) -> str:
    """The sound metadata with another value of one key."""
    lines = [f"{key} = {value}" if line.startswith(f"{key} =") else line for line in METADATA.splitlines()]
    assert "\n".join(lines) + "\n" != METADATA
    return "\n".join(lines)


def test_sound_metadata_is_read_whole(root):
    exercise = read_exercise(root / "exercises/double")

    assert (exercise.id, exercise.title, exercise.track) == ("double", "Double", "warm_up")
    assert (exercise.level, exercise.minutes, exercise.kind) == ("easy", 5, "python")
    assert exercise.questions == ("Q01", "T013")
    assert exercise.entry == ("double",)
    assert exercise.allowed == ("math",)
    assert exercise.banned == ()
    assert exercise.devices == ("cpu",)
    assert exercise.points == {"correctness": 4.0, "edge_case": 2.0}
    assert exercise.limits == Limits(seconds=10.0, memory_mb=512.0)


def test_paths_lead_to_the_files_of_the_exercise(root):
    exercise = read_exercise(root / "exercises/double")

    for path in (exercise.stub, exercise.readme, exercise.visible, exercise.hints, exercise.metadata):
        assert path.is_file()
        assert path.parent == root / "exercises/double"
    assert exercise.reference == root / "solutions/double.py"
    assert exercise.grader == root / "graders/double/test_double.py"
    assert [path.stem for path in exercise.right] == ["loop", "recursion"]
    assert [path.stem for path in exercise.wrong] == ["in_place", "needs_a_first", "once", "repeats", "squares"]


def test_exercises_can_be_kept_in_sets(root):
    folder = root / "exercises/double"

    assert len({read_exercise(folder), read_exercise(folder)}) == 1


def test_relative_folder_is_read_as_its_absolute_one(root, monkeypatch):
    monkeypatch.chdir(root / "exercises/double")

    assert read_exercise(Path()) == read_exercise(root / "exercises/double")


@pytest.mark.parametrize("key", tomllib.loads(METADATA))
def test_missing_key_is_named(root, key):
    lines = [line for line in METADATA.splitlines() if not line.startswith(f"{key} =")]

    error = error_of(root, "\n".join(lines))

    assert error.where == f"{root / 'exercises/double/exercise.toml'}: {key}"
    assert error.found == "nothing"
    assert f"`{key} = ...`" in error.todo


def test_unknown_key_names_the_close_one(root):
    error = error_of(root, METADATA.replace("level =", "levle ="))

    assert error.where.endswith("exercise.toml: levle")
    assert error.todo == "did you mean 'level'?"


def test_unknown_key_without_a_close_one_is_to_be_deleted(root):
    error = error_of(root, METADATA + "colour = 3\n")

    assert (error.found, error.todo) == ("the unknown key 'colour'", "delete it")


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("title", "3", "an integer (3)"),
        ("title", '"  "', "'  '"),
        ("title", '"two\\nlines"', "'two\\nlines'"),
        ("track", '""', "''"),
        ("track", '"Warm up"', "'Warm up'"),
        ("track", "2020-01-01", "a date or time (datetime.date(2020, 1, 1))"),
        ("level", '"middling"', "'middling'"),
        ("level", "1", "an integer (1)"),
        ("minutes", "true", "a boolean (True)"),
        ("minutes", "2.5", "a float (2.5)"),
        ("minutes", "0", "0"),
        ("questions", '"Q01"', "a string ('Q01')"),
        ("questions", '["Q999"]', "'Q999'"),
        ("entry", "[]", "an empty array"),
        ("kind", '"jax"', "'jax'"),
        ("devices", "[]", "an empty array"),
        ("devices", '["tpu"]', "'tpu'"),
        ("points", "5", "an integer (5)"),
        ("points", "{}", "an empty table"),
        ("limits", "[]", "an array ([])"),
    ],
)
def test_wrong_value_is_named_with_its_key(root, key, value, found):
    error = error_of(root, with_line(key, value))

    assert error.where.endswith(f"exercise.toml: {key}")
    assert error.found == found
    assert error.expected
    assert error.todo


@pytest.mark.parametrize(
    ("key", "value", "where", "found"),
    [
        ("entry", '["double", 3]', "entry[1]", "an integer (3)"),
        ("entry", '["not a name"]', "entry[0]", "'not a name'"),
        ("entry", '["lambda"]', "entry[0]", "'lambda'"),
        ("entry", '["double", "double"]', "entry[1]", "'double' again"),
        ("questions", '["Q01", "T013", "Q01"]', "questions[2]", "'Q01' again"),
        ("allowed", '["scipy.stats"]', "allowed[0]", "'scipy.stats'"),
        ("banned", '["torch..sum"]', "banned[0]", "'torch..sum'"),
        ("banned", '["."]', "banned[0]", "'.'"),
        ("banned", '["..sum"]', "banned[0]", "'..sum'"),
        ("banned", '["sum()"]', "banned[0]", "'sum()'"),
        ("devices", '["cpu", "cpu"]', "devices[1]", "'cpu' again"),
        ("points", "{ correctnes = 5 }", "points.correctnes", "the unknown key 'correctnes'"),
        ("points", "{ correctness = 0 }", "points.correctness", "0"),
        ("points", "{ correctness = true }", "points.correctness", "a boolean (True)"),
        ("points", "{ correctness = nan }", "points.correctness", "nan"),
        ("limits", "{ seconds = 10 }", "limits.memory_mb", "nothing"),
        ("limits", "{ seconds = 10, memory_mb = -1 }", "limits.memory_mb", "-1"),
        ("limits", "{ seconds = nan, memory_mb = 1 }", "limits.seconds", "nan"),
        ("limits", "{ seconds = inf, memory_mb = 1 }", "limits.seconds", "inf"),
        ("limits", '{ seconds = "10", memory_mb = 1 }', "limits.seconds", "a string ('10')"),
        ("limits", "{ seconds = 10, memory_mb = 1, disk = 1 }", "limits.disk", "the unknown key 'disk'"),
        ("limits", "{ seconds = 10, memory_mb = 1, loopback = 1 }", "limits.loopback", "an integer (1)"),
    ],
)
def test_wrong_part_of_a_value_is_named_by_its_place(root, key, value, where, found):
    error = error_of(root, with_line(key, value))

    assert error.where.endswith(f"exercise.toml: {where}")
    assert error.found == found


def test_number_beyond_all_floats_is_no_limit(root):
    error = error_of(root, with_line("limits", f"{{ seconds = 1{'0' * 400}, memory_mb = 1 }}"))

    assert error.where.endswith("limits.seconds")


def test_gpu_points_need_the_device(root):
    error = error_of(root, with_line("points", "{ gpu = 2 }"))

    assert error.where.endswith("points.gpu")


def test_gpu_points_are_read_where_the_device_is(root):
    metadata = METADATA.replace('["cpu"]', '["cpu", "cuda"]').replace("edge_case = 2", "gpu = 2")

    assert read_exercise(add_exercise(root, "half", metadata)).points == {"correctness": 4.0, "gpu": 2.0}


@pytest.mark.parametrize(
    ("key", "value", "meant"),
    [
        ("level", '"hrad"', "hard"),
        ("questions", '["T13"]', "T013"),
        ("kind", '"numpi"', "numpy"),
        ("points", "{ edge_cases = 1 }", "edge_case"),
    ],
)
def test_close_name_is_suggested(root, key, value, meant):
    assert f"did you mean '{meant}'" in error_of(root, with_line(key, value)).todo


@pytest.mark.parametrize("banned", ["torch.nn.functional.softmax", ".backward", "eval"])
def test_banned_names_may_be_dotted_or_methods(root, banned):
    folder = add_exercise(root, "half", METADATA.replace("banned = []", f'banned = ["{banned}"]'))

    assert read_exercise(folder).banned == (banned,)


def test_exercise_may_answer_no_question(root):
    folder = add_exercise(root, "half", METADATA.replace('["Q01", "T013"]', "[]"))

    assert read_exercise(folder).questions == ()


def test_syntax_error_names_the_line(root):
    error = error_of(root, METADATA.replace("minutes = 5", "minutes = "))

    assert error.where.endswith("exercise.toml: line 4")


def test_syntax_error_at_the_end_names_the_file(root):
    error = error_of(root, METADATA + "more = [")

    assert error.where.endswith("exercise.toml")
    assert error.expected == "TOML"


def test_text_that_is_not_utf8_names_the_line(root):
    error = error_of(root, METADATA.replace("Double", "Doppelt für").encode("latin-1"))

    assert error.where.endswith("exercise.toml: line 1")
    assert error.expected == "UTF-8 text"


def test_missing_metadata_is_named(root):
    (root / "exercises/double/exercise.toml").unlink()

    with pytest.raises(CatalogError) as caught:
        read_exercise(root / "exercises/double")

    assert caught.value.where == str(root / "exercises/double/exercise.toml")
    assert caught.value.found == "nothing"


def test_metadata_that_is_a_folder_is_named(root):
    path = root / "exercises/double/exercise.toml"
    path.unlink()
    path.mkdir()

    with pytest.raises(CatalogError, match=r"exercise\.toml: expected a readable TOML file"):
        read_exercise(path.parent)


@pytest.mark.parametrize("name", ["Double", "double-up", "2double", "double_", "_double", "lambda"])
def test_folder_whose_name_is_no_id_is_named(root, name):
    folder = write(root / "exercises" / name / "exercise.toml", METADATA).parent

    with pytest.raises(CatalogError, match="expected a folder named in snake_case") as caught:
        read_exercise(folder)

    assert caught.value.where == str(folder)


def test_home_is_the_catalogue_where_it_has_the_grader(root):
    assert read_exercise(root / "exercises/double").home == root


def test_home_is_the_installed_content_where_no_grader_is_near(root, tmp_path):
    folder = root / "exercises/double"
    moved = folder.rename(tmp_path / "double")

    assert read_exercise(moved).home == content_root()


def test_home_that_is_given_is_taken(root, tmp_path):
    assert read_exercise(root / "exercises/double", tmp_path).home == tmp_path


def test_content_root_of_this_checkout_has_the_exercises():
    assert (content_root() / "exercises").is_dir()


@pytest.mark.parametrize("name", [".", "double.py", "test_double.py", "anything_else.py"])
def test_files_beside_the_stub_belong_to_its_exercise(root, name):
    found = exercise_at(root / "exercises/double" / name)

    assert found is not None
    assert found.id == "double"


def test_folder_may_be_kept_anywhere(root, tmp_path):
    moved = (root / "exercises/double").rename(tmp_path / "double")

    assert exercise_at(moved / "test_double.py") == read_exercise(moved)


@pytest.mark.parametrize("name", ["exercises", "graders/double/test_double.py", "solutions/double.py", "exercises/x/y"])
def test_path_outside_an_exercise_belongs_to_none(root, name):
    assert exercise_at(root / name) is None


def test_folder_without_its_stub_belongs_to_no_exercise(root):
    (root / "exercises/double/double.py").unlink()

    assert exercise_at(root / "exercises/double/test_double.py") is None


def test_file_beside_broken_metadata_raises(root):
    write(root / "exercises/double/exercise.toml", "title = 3")

    with pytest.raises(CatalogError):
        exercise_at(root / "exercises/double/test_double.py")


def test_exercises_come_sorted_by_id(root):
    add_exercise(root, "treble")
    add_exercise(root, "add")

    catalog = Catalog(root)

    assert catalog.ids() == ("add", "double", "treble")
    assert [exercise.id for exercise in catalog.exercises()] == ["add", "double", "treble"]


@pytest.mark.parametrize("name", ["__pycache__", ".pytest_cache"])
def test_folders_of_tools_are_no_exercises(root, name):
    (root / "exercises" / name).mkdir()

    assert Catalog(root).ids() == ("double",)


def test_unknown_exercise_names_the_close_one(root):
    with pytest.raises(UsageError, match=r"no exercise 'duoble'.*did you mean 'double'"):
        Catalog(root).exercise("duoble")


def test_path_is_no_exercise(root):
    with pytest.raises(UsageError, match="there is no exercise"):
        Catalog(root).exercise("../exercises/double")


def test_root_without_exercises_is_refused(tmp_path):
    with pytest.raises(UsageError, match="found no exercises/ in it"):
        Catalog(tmp_path).ids()


def test_broken_exercise_stops_reading_all(root):
    add_exercise(root, "broken", "title = 3")

    with pytest.raises(CatalogError, match="broken"):
        Catalog(root).exercises()


def test_broken_exercises_are_told_apart_from_sound_ones(root):
    add_exercise(root, "broken", "title = 3")

    sound, broken = Catalog(root).sound_and_broken()

    assert [exercise.id for exercise in sound] == ["double"]
    assert len(broken) == 1
    assert "broken" in broken[0].where


def test_catalogue_with_graders_is_complete_in_itself(root):
    add_exercise(root, "half")
    shutil.rmtree(root / "graders/half")

    assert Catalog(root).exercise("half").grader == root / "graders/half/test_half.py"


def test_catalog_imports_no_heavy_package():
    heavy = "{'numpy', 'pandas', 'torch', 'pytest', 'click', 'rich'}"
    code = f"import sys, mlkata.catalog; print(sorted({heavy} & set(sys.modules)))"

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ended.stdout.strip() == "[]"
