"""Keeps reports in a database, one for each submission that is different: SQLite in a file, or another by its URL."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import Column, Engine, MetaData, String, Table, Text, create_engine, delete, event, insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from mlkata import __version__
from mlkata.catalog import Exercise
from mlkata.errors import UsageError
from mlkata.report import Report

SEED_BITS = 32
BUSY_SECONDS = 60

_PASSWORD = re.compile(r"(://[^:/@]*):[^/]*@")

_tables = MetaData()
_reports = Table(
    "reports",
    _tables,
    Column("key", String(64), primary_key=True),
    Column("exercise", String(200), nullable=False, index=True),
    Column("report", Text, nullable=False),
)
_handins = Table(
    "handins",
    _tables,
    Column("folder", String(200), primary_key=True),
    Column("student", String(200), primary_key=True),
    Column("exercise", String(200), primary_key=True),
    Column("key", String(64), nullable=False),
    Column("name", Text, nullable=False),
)
_settings = Table(
    "settings", _tables, Column("name", String(50), primary_key=True), Column("value", Text, nullable=False)
)


class Store:
    """Reports by the key of what was graded, and what each student handed in last.

    Every change is one transaction: after a crash at any moment it is there as a whole or not at all.

    Parameters
    ----------
    where : str or Path
        A file for SQLite, made where there is none, or a URL as SQLAlchemy reads it.

    Raises
    ------
    UsageError
        It cannot be opened.
    """

    def __init__(self, where: str | Path) -> None:
        url = str(where) if "://" in str(where) else f"sqlite:///{Path(where).absolute()}"
        self.where = _PASSWORD.sub(r"\1:***@", str(where))
        try:
            if make_url(url).get_backend_name() == "sqlite" and (file := make_url(url).database):
                Path(file).parent.mkdir(parents=True, exist_ok=True)
            self._engine = create_engine(url)
            _harden(self._engine)
            _make_tables(self._engine)
        except (SQLAlchemyError, ArgumentError, NoSuchModuleError, ImportError, OSError, ValueError) as error:
            said = str(error).partition("\n")[0]
            todo = "name a file, or a URL such as postgresql+psycopg://user@host/name with its driver installed"
            raise UsageError(f"{self.where}: expected a store of grades, found {said}; {todo}") from None

    def seed(self) -> int:
        """The seed of this store's grading, drawn when it is first asked for, so that nobody can know it before."""
        return self._drawn("seed")

    def name(self) -> int:
        """A number that no other store has, and that tells nothing of the seed."""
        return self._drawn("name")

    def _drawn(self, setting: str) -> int:
        with self._engine.begin() as connection:
            found = connection.execute(select(_settings.c.value).where(_settings.c.name == setting)).scalar()
            if found is not None:
                return int(found)
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(_settings).values(name=setting, value=str(secrets.randbits(SEED_BITS))))
        except IntegrityError:
            pass  # another process drew one meanwhile
        return self._drawn(setting)

    def report(self, key: str) -> Report | None:
        """What was found of the submission with this key."""
        with self._engine.begin() as connection:
            text = connection.execute(select(_reports.c.report).where(_reports.c.key == key)).scalar()
        return None if text is None else Report.from_json(text)

    def known(self) -> set[str]:
        """The keys of all reports."""
        with self._engine.begin() as connection:
            return set(connection.execute(select(_reports.c.key)).scalars())

    def save(self, key: str, report: Report) -> None:
        """Keep a report; one that is there already stays, because the same submission gets no other."""
        text = json.dumps(json.loads(report.to_json()), separators=(",", ":"))
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(_reports).values(key=key, exercise=report.exercise, report=text))
        except IntegrityError:
            pass

    def hand_in(self, folder: Path, rows: Sequence[tuple[str, str, str, str]]) -> None:
        """Note what stands in a class's folder, in place of what was noted of it: student, exercise, key, file."""
        where = _folder_key(folder)
        columns = ("student", "exercise", "key", "name")
        with self._engine.begin() as connection:
            connection.execute(delete(_handins).where(_handins.c.folder == where))
            if rows:
                values = [{"folder": where, **dict(zip(columns, row, strict=True))} for row in rows]
                connection.execute(insert(_handins), values)

    def handed_in(self, folder: Path) -> Iterator[tuple[str, str, Report | None]]:
        """Student, exercise, and the report where there is one, of a class's folder, sorted."""
        joined = _handins.outerjoin(_reports, _handins.c.key == _reports.c.key)
        columns = (_handins.c.student, _handins.c.exercise, _handins.c.name, _reports.c.report)
        query = select(*columns).select_from(joined).where(_handins.c.folder == _folder_key(folder))
        with self._engine.connect() as connection:
            for student, exercise, name, text in connection.execute(
                query.order_by(_handins.c.student, _handins.c.exercise)
            ):
                yield student, exercise, None if text is None else Report.from_json(text).renamed(name)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()


def key_of(source: str, exercise: Exercise, *, seed: int, device: str, sandboxed: bool, show: str) -> str:
    """A name for what is graded and how: equal for two submissions only where their reports are."""
    parts = (source, exercise.id, version_of(exercise), str(seed), device, str(sandboxed), show)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def version_of(exercise: Exercise) -> str:
    """A name for the state of an exercise's grader: its checks, its reference, its metadata and the prompt's."""
    digest = hashlib.sha256(__version__.encode())
    files = [*sorted(exercise.grader_folder.glob("*.py")), exercise.reference, exercise.metadata, exercise.readme]
    for path in files:
        data = path.read_bytes() if path.is_file() else b""
        digest.update(f"{path.name}:{len(data)}:".encode() + data)
    return digest.hexdigest()


def _folder_key(folder: Path) -> str:
    """A name for a folder that is short enough for an index, wherever the folder lies."""
    return hashlib.sha256(str(folder.resolve()).encode("utf-8", "surrogateescape")).hexdigest()


def _make_tables(engine: Engine) -> None:
    for tries_left in reversed(range(len(_tables.tables) + 1)):
        try:
            _tables.create_all(engine)
            return
        except DatabaseError:  # another process may have made one of them meanwhile
            if not tries_left:
                raise


def _harden(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def connect(connection: object, record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        for pragma in (f"busy_timeout={BUSY_SECONDS * 1000}", "journal_mode=WAL", "synchronous=FULL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
