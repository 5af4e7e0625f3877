"""Prometheus' text format, read strictly: what breaks a rule of it, or of its names, is an error.

The rules are those of https://prometheus.io/docs/instrumenting/exposition_formats/ and of
https://prometheus.io/docs/practices/naming/.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"'
_SAMPLE = re.compile(rf"({_NAME})(?:\{{({_LABEL}(?:,{_LABEL})*)\}})? (\S+)")
_VALUE = re.compile(r"NaN|[+-]Inf|-?[0-9]+(\.[0-9]+)?(e[+-][0-9]+)?")
_HISTOGRAM = ("_bucket", "_sum", "_count")
# Units are whole words, and the base ones.
_BAD_UNITS = {"milliseconds", "microseconds", "minutes", "hours", "kilobytes", "percent"}

Labels = frozenset[tuple[str, str]]


@dataclass
class Family:
    help: str
    kind: str
    samples: dict[tuple[str, Labels], float] = field(default_factory=dict)

    @property
    def labels(self) -> set[str]:
        """The names of its samples' labels."""
        return {name for _, labels in self.samples for name, _ in labels}


class Exposition(dict[str, Family]):
    """Families by their names."""

    def value(self, name: str, **labels: str) -> float:
        """Of the one sample that has these labels, whatever others it has."""
        family = self.get(name) or self[re.sub("_(bucket|sum|count)$", "", name)]
        found = [
            value
            for (each, has), value in family.samples.items()
            if each == name and labels.items() <= dict(has).items()
        ]
        assert len(found) == 1, f"{name} {labels} has {len(found)} samples"
        return found[0]


def parse(text: str) -> Exposition:
    assert text.endswith("\n")
    found = Exposition()
    family, name = Family("", ""), ""
    lines = iter(text[:-1].split("\n"))
    for line in lines:
        if line.startswith("# HELP "):
            name, _, words = line.removeprefix("# HELP ").partition(" ")
            kind = next(lines)
            assert kind.startswith(f"# TYPE {name} "), f"{name} has its type after its help: {kind}"
            assert name not in found, f"{name} is there twice"
            family = found[name] = Family(words, kind.rsplit(" ", 1)[1])
            _check_name(name, family)
            continue
        sample = _SAMPLE.fullmatch(line)
        assert sample, f"not a sample: {line!r}"
        _add(family, name, sample)
    for name, family in found.items():
        assert family.samples, f"{name} has no samples"
        if family.kind == "histogram":
            _check_histogram(name, family)
    return found


def _add(family: Family, name: str, sample: re.Match[str]) -> None:
    full, labels, value = sample[1], sample[2] or "", sample[sample.re.groups]
    suffix = full.removeprefix(name)
    assert full.startswith(name), f"{full} is none of {name}"
    assert suffix in (_HISTOGRAM if family.kind == "histogram" else ("",)), full
    assert _VALUE.fullmatch(value), f"{full} has no number: {value!r}"
    pairs = re.findall(_LABEL, labels)
    names = [label for label, _ in pairs]
    assert len(set(names)) == len(names), f"{full} has a label twice"
    assert not any(label.startswith("__") for label in names), full
    assert "le" not in names or suffix == "_bucket", full
    key = (full, frozenset(pairs))
    assert key not in family.samples, f"{full} {labels} is there twice"
    number = float(value.replace("Inf", "inf"))
    assert family.kind == "gauge" or number >= 0 or suffix == "_sum", f"{full} counts down"
    family.samples[key] = number


def _check_name(name: str, family: Family) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", name), name
    assert family.kind in ("counter", "gauge", "histogram"), name
    assert family.help, f"{name} has no help"
    assert name.endswith("_total") == (family.kind == "counter"), name
    assert not name.endswith(_HISTOGRAM), name
    assert not _BAD_UNITS & set(name.split("_")), name


def _check_histogram(name: str, family: Family) -> None:
    buckets = [
        (float(dict(labels)["le"].replace("Inf", "inf")), value)
        for (full, labels), value in family.samples.items()
        if full.endswith("_bucket")
    ]
    assert buckets == sorted(buckets), f"{name}'s classes do not rise"
    assert buckets[-1] == (float("inf"), family.samples[(f"{name}_count", frozenset())])
    assert (f"{name}_sum", frozenset()) in family.samples
