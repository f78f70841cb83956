"""What the description of the API cannot say in JSON Schema, for Schemathesis.

The formats `indicator` and `measure` get texts within the bounds that
`/api/v1/indicators` tells; of a range the end comes after the beginning, and its
numbers say of what; a condition has an interval where it is of an indicator.
"""

import os
import re
from datetime import datetime, timezone

import requests
import schemathesis
from hypothesis import strategies as st


def texts(definition):
    """An indicator with defaults unsaid, and with its least and largest parameters."""
    name, parameters = definition["name"], definition["parameters"]
    said = [[parameter[end] for parameter in parameters] for end in ("min", "default", "max")]
    return [name] + [f"{name}({','.join(f'{value:g}' for value in values)})" for values in said if values]


def outputs(definition):
    names = [output["name"] for output in definition["outputs"]]
    named = [f"{text}.{name}" for text in texts(definition) for name in names]
    return named + (texts(definition) if len(names) == 1 else [])


definitions = requests.get(f"{os.environ['TICKWISE_URL']}/api/v1/indicators", timeout=60).json()
for name, spelled, others in (("indicator", texts, []), ("measure", outputs, ["price", "day_change"])):
    spellings = [text for definition in definitions for text in spelled(definition)]
    schemathesis.openapi.format(name, st.sampled_from(others + spellings))


def is_milliseconds(number):
    return 10**11 <= abs(number) < 10**14


def is_number(instant):
    return re.fullmatch("-?[0-9]+", str(instant)) is not None


def millis(instant):
    """Milliseconds since 1970, or none for what is no instant."""
    try:
        number = int(instant)
    except (TypeError, ValueError):
        pass
    else:
        return number if is_milliseconds(number) else None
    try:
        moment = datetime.fromisoformat(instant)
    except (TypeError, ValueError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp() * 1000


def is_condition(condition):
    """What the schema's words say of it."""
    measure, value = condition.get("measure"), condition.get("value")
    if measure in ("price", "day_change"):
        is_price = measure == "price" and isinstance(value, (int, float))
        return "interval" not in condition and not (is_price and value <= 0)
    return "interval" in condition


@schemathesis.hook
def filter_body(context, body):
    condition = body.get("condition") if isinstance(body, dict) else None
    return not isinstance(condition, dict) or is_condition(condition)


@schemathesis.hook
def filter_case(context, case):
    query = case.query or {}
    instants = [query[name] for name in ("from", "to") if name in query]
    if any(is_number(instant) and not is_milliseconds(int(instant)) for instant in instants):
        return False
    first, last = millis(query.get("from")), millis(query.get("to"))
    is_range = first is not None and last is not None
    # A day is where a date in New York and in UTC may differ.
    return not is_range or first + 86_400_000 < last


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """`POST /predictions` asks and creates nothing: what it was asked about need not exist."""
    is_about_creation = type(failure).__name__ == "EnsureResourceAvailability"
    return not (is_about_creation and failure.created_with == "POST /api/v1/predictions")
