"""What is measured, in this order."""

from __future__ import annotations

from types import ModuleType

from bench.sections import (
    against,
    broadcast,
    client,
    decisions,
    many,
    memory,
    populations,
    reports,
    sizes,
    start,
    storm,
    web,
)

#: Each has a NAME and a TITLE, says how long it takes, measures, and shows its result as a table.
SECTIONS: dict[str, ModuleType] = {
    section.NAME: section
    for section in (
        reports,
        many,
        storm,
        broadcast,
        start,
        decisions,
        populations,
        memory,
        sizes,
        client,
        against,
        web,
    )
}
