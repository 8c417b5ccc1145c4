"""Answers to the questions of a service, as forms bring them. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping

from connectors.open311 import times
from connectors.open311.settings import Attribute, Service

Fields = Mapping[str, tuple[str, ...]]
"""Values of a form by name; names of files do not stand here."""

_ATTRIBUTE = re.compile(r"attribute\[([^\[\]]{1,64})\](?:\[\])?")


def given(fields: Fields) -> dict[str, list[str]]:
    """Values by code of attribute: `attribute[code]` and, where there are several, `attribute[code][]`."""
    found: dict[str, list[str]] = {}
    for name, values in fields.items():
        if match := _ATTRIBUTE.fullmatch(name):
            found.setdefault(match[1], []).extend(value for value in values if value.strip())
    return found


def problems(fields: Fields, what: Service) -> Iterator[str]:
    """What is wrong with the answers of a form to the questions of a service."""
    told = given(fields)
    for attribute in what.attributes:
        values = told.get(attribute.code, [])
        if not values and attribute.required and attribute.variable:
            yield f"attribute[{attribute.code}] was not provided"
        if not all(_fits(attribute, value) for value in values) or (len(values) > 1 and not _several(attribute)):
            yield f"attribute[{attribute.code}] is no {attribute.datatype} of this service"


def _several(attribute: Attribute) -> bool:
    return attribute.datatype == "multivaluelist"


def _fits(attribute: Attribute, value: str) -> bool:
    match attribute.datatype:
        case "number":
            return number(value) is not None
        case "datetime":
            return _is_time(value)
        case "singlevaluelist" | "multivaluelist":
            return value in {option.key for option in attribute.values}
        case "string":
            return "\n" not in value and "\r" not in value
    return True


def _is_time(value: str) -> bool:
    try:
        times.read(value)
    except times.BadTime:
        return False
    return True


def number(text: str) -> float | None:
    """A number that can be written in digits; None for anything else."""
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None
