"""Puts the content (exercises, graders, solutions) into the wheel; an editable install reads it where it lies."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ContentHook(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            for name in ("exercises", "graders", "solutions"):
                build_data["force_include"][name] = f"mlkata/content/{name}"
