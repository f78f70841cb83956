"""Calls every route with what openapi-python-client has made: FOLDER URL."""

import importlib
import json
import sys
import urllib.request

import calls

folder, url = sys.argv[1:]
sys.path.insert(0, folder)
package = "tickwise_client"
models = importlib.import_module(f"{package}.models")
client_of = importlib.import_module(f"{package}.client").AuthenticatedClient


def client(name):
    """Bearer for the metrics, a header of its own for alerts."""
    if name == "metrics":
        return client_of(base_url=url, token=calls.METRICS_TOKEN, timeout=60)
    return client_of(base_url=url, token=calls.ALERT_TOKEN, prefix="", auth_header_name="x-alert-token", timeout=60)


def call(name, tag, arguments, body):
    operation = importlib.import_module(f"{package}.api.{tag.lower()}.{calls.snake_case(name)}")
    if body:
        kind, value = body
        arguments = {**arguments, "body": getattr(models, kind).from_dict(value)}
    response = operation.sync_detailed(client=client(name), **arguments)
    return int(response.status_code), response.parsed


with urllib.request.urlopen(f"{url}/api/v1/openapi.json") as answer:
    calls.run(json.load(answer), call)
