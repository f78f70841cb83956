"""Calls every route with what openapi-generator has made for Python: FOLDER URL."""

import importlib
import json
import sys
import urllib.request

import calls

folder, url = sys.argv[1:]
sys.path.insert(0, folder)
package = importlib.import_module("openapi_client")
configuration = package.Configuration(
    host=url, access_token=calls.METRICS_TOKEN, api_key={"alertToken": calls.ALERT_TOKEN}
)
client = package.ApiClient(configuration)


def call(name, tag, arguments, body):
    operation = getattr(getattr(package, f"{tag}Api")(client), f"{calls.snake_case(name)}_with_http_info")
    if body:
        kind, value = body
        arguments = {**arguments, calls.snake_case(kind): getattr(package, kind).from_dict(value)}
    try:
        response = operation(**arguments)
    except package.ApiException as refusal:
        return refusal.status, refusal.data
    return response.status_code, response.data


with urllib.request.urlopen(f"{url}/api/v1/openapi.json") as answer:
    calls.run(json.load(answer), call)
