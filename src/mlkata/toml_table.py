"""Takes values out of a TOML table strictly: whatever is wrong is a CatalogError that names the file and the key."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from mlkata.errors import CatalogError
from mlkata.suggestion import suggestion

T = TypeVar("T")

_TYPE_NAMES = {
    bool: "a boolean",
    int: "an integer",
    float: "a float",
    str: "a string",
    list: "an array",
    dict: "a table",
}


@dataclass(frozen=True)
class Table:
    """A TOML table, with the file it stands in and its own name there (empty for the whole file)."""

    path: Path
    entries: dict[str, Any]
    name: str = ""

    @classmethod
    def read(cls, path: Path) -> Table:
        """The whole of a TOML file. Raises CatalogError where it is missing, unreadable or no TOML."""
        try:
            return cls(path, tomllib.loads(path.read_bytes().decode("utf-8")))
        except FileNotFoundError:
            raise CatalogError(
                str(path), expected="a TOML file", found="nothing", todo="write it, or remove the folder"
            ) from None
        except OSError as error:
            raise CatalogError(
                str(path), expected="a readable TOML file", found=str(error.strerror), todo="make it readable"
            ) from error
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise CatalogError(
                f"{path}: line {line}", expected="UTF-8 text", found=error.reason, todo="save the file as UTF-8"
            ) from error
        except tomllib.TOMLDecodeError as error:
            raise _syntax_error(path, error) from error

    def error(self, key: str, *, expected: str, found: str, todo: str) -> CatalogError:
        """The error that says what is wrong with `key`, ready to be raised."""
        return CatalogError(f"{self.path}: {self._full(key)}", expected=expected, found=found, todo=todo)

    def require_keys(self, keys: Collection[str], optional: Collection[str] = ()) -> None:
        """Raises CatalogError unless these keys, and at most the optional ones, are there; unknown ones come first."""
        self.refuse_others([*keys, *optional])
        for key in keys:
            if key not in self.entries:
                raise self.error(key, expected="a value", found="nothing", todo=f"add a line `{key} = ...`")

    def refuse_others(self, keys: Collection[str]) -> None:
        """Raises CatalogError where the table has a key that is none of these."""
        for key in self.entries:
            if key not in keys:
                todo = suggestion(key, keys, otherwise="delete it")
                raise self.error(key, expected=f"one of {', '.join(keys)}", found=f"the unknown key {key!r}", todo=todo)

    def text(self, key: str, pattern: str = r".*\S.*", meaning: str = "one line of text") -> str:
        """A string that `pattern` matches in full; `meaning` says the same in words."""
        value = self._typed(key, str, meaning)
        if not re.fullmatch(pattern, value):
            raise self.error(key, expected=meaning, found=repr(value), todo=f"write {meaning}")
        return value

    def choice(self, key: str, choices: Collection[str]) -> str:
        """One of `choices`."""
        value = self._typed(key, str, f"one of {', '.join(choices)}")
        if value not in choices:
            raise self._not_among(key, value, choices)
        return value

    def truth(self, key: str) -> bool:
        """True or false."""
        value = self.entries[key]
        if not isinstance(value, bool):
            raise self._wrong_type(key, value, "true or false")
        return value

    def positive_integer(self, key: str) -> int:
        """An integer of one or more; True is none."""
        value = self._typed(key, int, "a positive integer")
        if value <= 0:
            raise self.error(key, expected="a positive integer", found=str(value), todo="write a number above zero")
        return value

    def positive_number(self, key: str) -> float:
        """An integer or float above zero and finite; True is none."""
        expected = "a positive, finite number"
        value = self.entries[key]
        if type(value) not in (int, float):
            raise self._wrong_type(key, value, expected)
        if not 0 < value <= sys.float_info.max:
            raise self.error(key, expected=expected, found=str(value), todo="write a number above zero")
        return float(value)

    def texts(self, key: str, accepts: Callable[[str], bool], meaning: str, *, empty: bool = False) -> tuple[str, ...]:
        """An array of different strings that `accepts` likes; `meaning` says what one is. Empty only where allowed."""
        values = self._typed(key, list, f"an array, each {meaning}")
        if not values and not empty:
            raise self.error(key, expected=f"at least one, each {meaning}", found="an empty array", todo="add one")
        return tuple(self._checked_items(key, values, accepts, meaning))

    def choices(self, key: str, choices: Collection[str], *, empty: bool = False) -> tuple[str, ...]:
        """An array of different strings that are all among `choices`. Empty only where allowed."""
        values = self.texts(key, lambda value: True, "a known name", empty=empty)
        for value in values:
            if value not in choices:
                raise self._not_among(key, value, choices)
        return values

    def table(self, key: str) -> Table:
        """A table inside this one."""
        return Table(self.path, self._typed(key, dict, "a table"), self._full(key))

    def _full(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def _checked_items(
        self, key: str, values: list[Any], accepts: Callable[[str], bool], meaning: str
    ) -> Iterator[str]:
        for position, value in enumerate(values):
            if type(value) is not str:
                raise self._wrong_type(f"{key}[{position}]", value, meaning)
            if not accepts(value):
                raise self.error(f"{key}[{position}]", expected=meaning, found=repr(value), todo=f"write {meaning}")
            if value in values[:position]:
                raise self.error(
                    f"{key}[{position}]", expected="each entry once", found=f"{value!r} again", todo="delete one"
                )
            yield value

    def _typed(self, key: str, kind: type[T], expected: str) -> T:
        value = self.entries[key]
        # To isinstance alone, True is an integer.
        if isinstance(value, bool) or not isinstance(value, kind):
            raise self._wrong_type(key, value, expected)
        return value

    def _wrong_type(self, key: str, value: object, expected: str) -> CatalogError:
        kind = _TYPE_NAMES.get(type(value), "a date or time")
        return self.error(key, expected=expected, found=f"{kind} ({value!r})", todo=f"write {expected}")

    def _not_among(self, key: str, value: str, choices: Collection[str]) -> CatalogError:
        listed = f"one of {', '.join(choices)}" if len(choices) <= 8 else f"one of {len(choices)} known names"
        todo = suggestion(value, choices, otherwise="choose one of them")
        return self.error(key, expected=listed, found=repr(value), todo=todo)


def _syntax_error(path: Path, error: tomllib.TOMLDecodeError) -> CatalogError:
    place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", str(error))
    line = f": line {place[1]}" if place and place[1] else ""
    return CatalogError(f"{path}{line}", expected="TOML", found=str(error), todo="correct the syntax")
