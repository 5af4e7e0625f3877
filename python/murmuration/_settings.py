"""Settings of a population: by name, as a space file has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import SupportsFloat, SupportsIndex

from murmuration._scalars import number
from murmuration._texts import checked
from murmuration.errors import InvalidError
from murmuration.v1 import murmuration_pb2 as wire

SettingValue = bool | int | float | str | tuple[float, ...]
"""What a setting is: a count, a step or a seed, a number, a flag, a word, or numbers."""

Settings = dict[str, SettingValue]
"""What a population evolves by, or what is to change; 0 stands for no last step and no deadline.

Which settings there are is in the documentation's table of settings.
"""

GivenSetting = SupportsIndex | SupportsFloat | str | Iterable[float] | None
"""What may be given for one: also numbers of numpy and the like; `None` leaves it as it is."""


def settings_to_wire(settings: Mapping[str, GivenSetting]) -> list[wire.Setting]:
    return [_to_wire(name, value) for name, value in settings.items() if value is not None]


def settings_from_wire(settings: wire.Settings) -> Settings:
    """The settings of a change."""
    found: Settings = {}
    for field, value in settings.ListFields():
        # A coordinator of before has fields of their own for some.
        if field.name != "settings":
            found[field.name] = value
    found.update(settings_by_name(settings.settings))
    return found


def settings_by_name(settings: Iterable[wire.Setting]) -> Settings:
    found: Settings = {}
    for setting in settings:
        kind = setting.WhichOneof("value")
        if kind == "numbers":
            found[setting.name] = tuple(setting.numbers.numbers)
        elif kind is not None:
            found[setting.name] = getattr(setting, kind)
    return found


def _to_wire(name: str, value: object) -> wire.Setting:
    what = f"setting {name!r}"
    if isinstance(value, bool):
        return wire.Setting(name=name, flag=value)
    if isinstance(value, str):
        return wire.Setting(name=name, word=checked(value, what))
    if hasattr(value, "__index__"):
        found = value.__index__()
        if not 0 <= found < 2**64:
            raise InvalidError(f"The {what} is {value!r:.60}; give a number from 0 up.")
        return wire.Setting(name=name, integer=found)
    if hasattr(value, "__iter__"):
        numbers = [number(each, what) for each in value]
        return wire.Setting(name=name, numbers=wire.Setting.Numbers(numbers=numbers))
    return wire.Setting(name=name, number=number(value, what))
