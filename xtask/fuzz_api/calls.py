"""What a generated client asks of every route, and the status that it is to get."""

import re

METRICS_TOKEN = "metrics-token-of-the-fuzzed-worker"
ALERT_TOKEN = "0123456789abcdef" * 4

ALERT = {"symbol": "IBM", "condition": {"measure": "rsi(14)", "is": "below", "value": 30.0, "interval": "5m"}}

# By operation: arguments, body, status. A replay has no vendor to search in (409), and the
# stream wants an upgrade (426).
CALLS = {
    "health": ({}, None, 200),
    "description": ({}, None, 200),
    "streamDescription": ({}, None, 200),
    "stocks": ({}, None, 200),
    "stock": ({"symbol": "IBM"}, None, 200),
    "bars": ({"symbol": "IBM", "limit": 3}, None, 200),
    "manyBars": ({"symbols": ["IBM", "AAPL"], "limit": 3}, None, 200),
    "indicators": ({"symbol": "IBM", "name": ["rsi(14)", "bollinger(20,2)"], "limit": 3}, None, 200),
    "indicatorList": ({}, None, 200),
    "prediction": ({"symbol": "IBM"}, None, 200),
    "predictions": ({}, ("PredictionsRequest", {"symbols": ["IBM", "AAPL"]}), 200),
    "record": ({"symbol": "IBM", "limit": 3}, None, 200),
    "createAlert": ({"x_alert_token": ALERT_TOKEN}, ("AlertRequest", ALERT), 201),
    "alerts": ({}, None, 200),
    "deleteAlert": ({"id": None}, None, 204),
    "models": ({}, None, 200),
    "model": ({"id": "current"}, None, 200),
    "golden": ({"id": "current"}, None, 200),
    "status": ({}, None, 200),
    "market": ({}, None, 200),
    "movers": ({}, None, 409),
    "search": ({"q": "apple"}, None, 409),
    "overview": ({"symbol": "IBM"}, None, 409),
    "news": ({"symbol": "IBM"}, None, 409),
    "stream": ({}, None, 426),
    "metrics": ({}, None, 200),
}


def snake_case(name):
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def operations(document):
    """Name and tag of every operation, the ones that need another's answer behind it."""
    found = [
        (operation["operationId"], operation["tags"][0])
        for path in document["paths"].values()
        for operation in path.values()
    ]
    missing = {name for name, _ in found} ^ set(CALLS)
    assert not missing, f"no call for, or no operation of the name {missing}"
    return sorted(found, key=lambda operation: list(CALLS).index(operation[0]))


def run(document, call):
    """Calls every operation; `call(name, tag, arguments, body)` gives status and content."""
    alert = None
    for name, tag in operations(document):
        arguments, body, expected = CALLS[name]
        if name == "deleteAlert":
            arguments = {"id": alert}
        status, content = call(name, tag, arguments, body)
        assert status == expected, f"{name}: {status} instead of {expected}: {content}"
        if name == "createAlert":
            alert = content.alert.id
        print(f"{status} {name}: {type(content).__name__}", flush=True)
    print(f"{len(CALLS)} operations called")
