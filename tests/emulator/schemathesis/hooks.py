"""Keeps the cases from stopping the run: no case waits long, and no fault breaks the connections of later cases."""

import schemathesis

MILLISECONDS = 20


def without_faults_of_connections(fault):
    if not isinstance(fault, dict):
        return fault
    fault = {name: value for name, value in fault.items() if name != "connect"}
    match = fault.get("match")
    # The paid action is among the paths that are tried, the balance is not.
    fault["match"] = {**match, "route": "balance"} if isinstance(match, dict) else {"route": "balance"}
    return fault


def harmless(path, body):
    if path.endswith("/wait") and isinstance(body.get("timeout_ms", 0), int):
        return {**body, "timeout_ms": min(body.get("timeout_ms", MILLISECONDS), MILLISECONDS)}
    if path.endswith("/fault"):
        return without_faults_of_connections(body)
    if path.endswith("/reset") and isinstance(body.get("scenario"), dict):
        scenario = body["scenario"]
        if isinstance(scenario.get("faults"), list):
            faults = [without_faults_of_connections(fault) for fault in scenario["faults"]]
            return {**body, "scenario": {**scenario, "faults": faults}}
    return body


@schemathesis.hook
def before_call(context, case, kwargs):
    if isinstance(case.body, dict):
        case.body = harmless(case.operation.path, case.body)
