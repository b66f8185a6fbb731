"""The journal is one plain file: people can read it, git can merge it, and nothing that stands in it stops a reader."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from toy import commit, git, write

from mlkata import journal
from mlkata.journal import Deed, Entry

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def entry(minutes, deed, subject="double", detail=""):
    return Entry(NOON + timedelta(minutes=minutes), deed, subject, detail)


ENTRIES = (
    entry(0, Deed.BEGAN),
    entry(1, Deed.FAILED, detail="12/19"),
    entry(2, Deed.HINT, detail="1"),
    entry(3, Deed.INTERVIEW, "google", "2 of 3 passed, 60 minutes"),
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "progress.txt"


def test_what_is_written_is_read(path):
    journal.write(path, ENTRIES[:2])
    journal.write(path, ENTRIES[2:])

    assert journal.read(path) == journal.Journal(ENTRIES)


def test_file_is_plain(path):
    journal.write(path, ENTRIES)

    assert path.read_text().splitlines()[1:] == [
        "2026-03-01T12:00:00Z began double",
        "2026-03-01T12:01:00Z failed double 12/19",
        "2026-03-01T12:02:00Z hint double 1",
        "2026-03-01T12:03:00Z interview google 2 of 3 passed, 60 minutes",
    ]


def test_no_file_has_no_entries(path):
    assert journal.read(path) == journal.Journal(())


def test_lines_in_any_order_and_twice_say_the_same(path):
    path.write_text("".join(each.line() for each in (*reversed(ENTRIES), *ENTRIES)))

    assert journal.read(path).entries == ENTRIES


def test_line_that_was_left_unended_is_ended(path):
    path.write_text(ENTRIES[0].line().rstrip("\n"))
    journal.write(path, ENTRIES[1:2])

    assert journal.read(path).entries == ENTRIES[:2]


@pytest.mark.parametrize(
    "line",
    [
        "<<<<<<< mine",
        "yesterday failed double",
        "2026-03-01T12:00:00Z slept double",
        "2026-03-01T12:00:00Z failed",
        "2026-03-01T12:00:00 failed double",
        "\udcff",
    ],
)
def test_line_that_is_none_is_told_and_passed_over(path, line):
    path.write_bytes(
        ENTRIES[0].line().encode() + line.encode(errors="surrogateescape") + b"\n" + ENTRIES[1].line().encode()
    )

    found = journal.read(path)

    assert found.entries == ENTRIES[:2]
    [said] = found.complaints
    assert said.startswith(
        f"{path}, line 2: expected a line such as `2026-03-01T18:04:05Z failed focal_loss 12/19`, found"
    )
    assert said.endswith("; delete the line")


def test_file_that_is_a_folder_is_told(path):
    path.mkdir()

    assert journal.read(path).complaints == (f"{path} cannot be read: Is a directory; look at its permissions",)


def test_file_that_cannot_be_written_is_no_reason_to_fail(path):
    path.mkdir()

    journal.write_if_possible(path, ENTRIES)
    with pytest.raises(OSError, match="directory"):
        journal.write(path, ENTRIES)


def test_several_processes_lose_no_line(path):
    code = (
        "import sys\nfrom pathlib import Path\nfrom mlkata import journal\nfrom mlkata.journal import Deed, Entry\n"
        "for number in range(200):\n"
        "    journal.write(Path(sys.argv[1]), [Entry(journal.now(), Deed.HINT, sys.argv[2], str(number))])\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(path), name]) for name in ("one", "two")]
    assert [each.wait() for each in writers] == [0, 0]

    found = journal.read(path)
    assert (len(found.entries), found.complaints) == (400, ())


def test_git_merges_what_two_machines_wrote(tmp_path):
    """With the attributes that a practice folder has, both sides' lines are kept without a conflict."""
    from importlib import resources

    attributes = resources.files("mlkata").joinpath("data", "practice", "gitattributes.txt").read_text(encoding="utf-8")
    write(tmp_path / ".gitattributes", attributes)
    path = tmp_path / "progress.txt"
    git(tmp_path, "init", "--quiet", "--initial-branch=one")
    journal.write(path, ENTRIES[:1])
    commit(tmp_path)
    git(tmp_path, "branch", "two")
    journal.write(path, ENTRIES[1:2])
    commit(tmp_path)
    git(tmp_path, "switch", "--quiet", "two")
    journal.write(path, ENTRIES[2:])
    commit(tmp_path)

    git(tmp_path, "merge", "--no-edit", "one")

    assert journal.read(path) == journal.Journal(ENTRIES)


def test_time_is_told_in_whole_seconds():
    assert journal.now().microsecond == 0
