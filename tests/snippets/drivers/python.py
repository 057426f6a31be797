"""Reads {receivers: {scheme: file}, cases: […]} and says for each case whether its receiver believes it."""

import base64
import importlib.util
import json
import sys
from email.message import Message


def load(scheme, file):
    spec = importlib.util.spec_from_file_location(scheme, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def as_python_gives(headers):
    given = Message()
    for name, value in headers:
        given[name] = value
    return given


asked = json.load(sys.stdin)
receivers = {scheme: load(scheme, file) for scheme, file in asked["receivers"].items()}
verdicts = []
for case in asked["cases"]:
    receiver = receivers[case["scheme"]]
    headers, body = as_python_gives(case["headers"]), base64.b64decode(case["body"])
    try:
        receiver.verify(headers, body, case["secrets"], *case["arguments"])
        verdicts.append({"good": True})
    except receiver.Rejected as reason:
        verdicts.append({"good": False, "reason": str(reason), "broke": False})
    except Exception as error:
        verdicts.append({"good": False, "reason": repr(error), "broke": True})
json.dump(verdicts, sys.stdout)
