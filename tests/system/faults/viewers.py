"""`closedloop ui --read-only`: every mutation of Dagster's GraphQL, and an account that may write nothing."""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from assets.core.paths import Paths
from tests.system.faults import harness
from tests.system.faults.cross_origin import REPORTS, changes, state
from tests.system.faults.forbidden import bits
from tests.system.faults.said import Findings, complaints
from tests.system.faults.terminal import command
from tests.system.live_server import REPOSITORY, Server

PORT = 65_500

SCHEMA = """query { __schema { mutationType { fields { name type { kind ofType { kind } }
    args { name type { ...T } } } } types { name kind enumValues { name } inputFields { name type { ...T } } } } }
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name
        ofType { kind name } } } } }"""

SELECTED = " { __typename ... on Error { message } }"

ASSET = ["facts", "deals"]

NOBODY = 65_534

OPEN = 0o755
"""Permission bits of the room's folder while another user looks into it."""

READER = (
    "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=-all,+dac_read_search",
    "--ambient-caps=-all,+dac_read_search", "--bounding-set=-all,+dac_read_search",
)  # fmt: skip
"""The user nobody, who may read everything here (the interpreter may be in a closed folder) and write nothing."""


class Values:
    """Plausible arguments: by their name where the name means something here, else by their type."""

    def __init__(self, schema: Mapping[str, Any], run_id: str) -> None:
        self._types = {t["name"]: t for t in schema["types"]}
        self._known: dict[str, Any] = {
            **REPOSITORY, "jobName": "build_warehouse", "pipelineName": "build_warehouse", "mode": "default",
            "scheduleName": "every_morning", "sensorName": "seeds_changed", "name": "seeds_changed", "runId": run_id,
            "rootRunId": run_id, "parentRunId": run_id, "path": ASSET, "runConfigData": {}, "cursor": "9:x:x",
            "checkName": "gate", "eventType": "ASSET_MATERIALIZATION", "strategy": "ALL_STEPS",
        }  # fmt: skip

    def of(self, kind: Mapping[str, Any], name: str, depth: int = 0) -> Any:
        """A value of a type; None where none is needed."""
        if kind["kind"] == "NON_NULL":
            return self.of(kind["ofType"], name, depth)
        if kind["kind"] == "LIST":
            return self._known["path"] if name == "path" else [self.of(kind["ofType"], name.removesuffix("s"), depth)]
        if kind["kind"] == "INPUT_OBJECT":
            return self._object(kind["name"], depth + 1)
        if kind["kind"] == "ENUM":
            values = [v["name"] for v in self._types[kind["name"]]["enumValues"]]
            return self._known[name] if self._known.get(name) in values else values[0]
        plain = {"Int": 1, "Float": 1.0, "Boolean": True, "RunConfigData": {}, "GenericScalar": {}}
        return self._known.get(name, plain.get(kind["name"], "x"))

    def _object(self, name: str, depth: int) -> dict[str, Any]:
        fields = self._types[name]["inputFields"]
        wanted = [f for f in fields if f["type"]["kind"] == "NON_NULL" or (f["name"] in self._known and depth < 3)]
        return {f["name"]: self.of(f["type"], f["name"], depth) for f in wanted}


def written(kind: Mapping[str, Any]) -> str:
    """A type as GraphQL writes it."""
    if kind["kind"] == "NON_NULL":
        return f"{written(kind['ofType'])}!"
    return f"[{written(kind['ofType'])}]" if kind["kind"] == "LIST" else str(kind["name"])


def instead(server: Server, run_id: str) -> dict[str, dict[str, Any]]:
    """Arguments of mutations for which those by name and type exclude each other, or name nothing."""
    again = {"parentRunId": run_id, "strategy": "ALL_STEPS"}
    execution = {"selector": {**REPOSITORY, "jobName": "build_warehouse"}, "mode": "default", "runConfigData": {}}
    return {
        "launchRunReexecution": {"executionParams": None, "reexecutionParams": again},
        "launchPipelineReexecution": {"executionParams": execution, "reexecutionParams": None},
        "stopRunningSchedule": {"id": server.state("every_morning")["id"]},
        "stopSensor": {"id": server.state("seeds_changed")["id"]},
        "launchPartitionBackfill": {"backfillParams": {"assetSelection": [{"path": ASSET}], "partitionNames": ["x"]}},
    }


def mutated(server: Server, field: Mapping[str, Any], values: Values, others: Mapping[str, Any]) -> str:
    """Call a mutation; returns the type of its answer, or its error."""
    found = {a["name"]: values.of(a["type"], a["name"]) for a in field["args"]}
    arguments = {name: others.get(name, value) for name, value in found.items()}
    kinds = ", ".join(f"${a['name']}: {written(a['type'])}" for a in field["args"])
    handed = ", ".join(f"{name}: ${name}" for name in arguments)
    scalar = {field["type"]["kind"], (field["type"]["ofType"] or {}).get("kind")} & {"SCALAR", "ENUM"}
    call = f"{field['name']}{f'({handed})' if handed else ''}{'' if scalar else SELECTED}"
    query = f"mutation{f'({kinds})' if kinds else ''} {{ {call} }}"
    answer = posted(server, "graphql", {"query": query, "variables": arguments})
    if errors := answer.get("errors"):
        return f"error: {errors[0]['message']}"
    found = answer["data"][field["name"]]
    return f"{found['__typename']}: {found.get('message', '')}" if isinstance(found, dict) else str(found)


def posted(server: Server, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON that answers a POST, also with a status that says no."""
    as_json = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{server.address}/{path}", json.dumps(body).encode(), as_json)  # noqa: S310 - ours
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
            return dict(json.load(answer))
    except urllib.error.HTTPError as refused:
        return dict(json.load(refused))


def mutations(place: harness.Place, server: Server) -> harness.Result:
    """Every mutation, and every report of an asset, by a program that the guard lets through."""
    findings = Findings("security", "every mutation of Dagster's GraphQL, sent to `closedloop ui --read-only`")
    schema = server.ask(SCHEMA)["__schema"]
    run_id = server.runs()[-1]["runId"]
    values, others = Values(schema, run_id), instead(server, run_id)
    before = state(place)
    fields = schema["mutationType"]["fields"]
    answers = {f["name"]: mutated(server, f, values, others.get(f["name"], {})) for f in fields}
    for report in REPORTS:
        body = {"check_name": "gate", "passed": True}
        answers[report] = str(posted(server, f"{report}/{'/'.join(ASSET)}", body))
    for name, said in answers.items():
        findings.found("refused" if is_refusal(said) else "without effect")
        findings.hold(name, said[:200], is_true="Success" not in said)
    changed = changes(before, state(place))
    findings.hold("afterwards", f"changed: {', '.join(changed)}", is_true=not changed)
    return findings.result()


def is_refusal(said: str) -> bool:
    """Whether an answer says that it is not allowed; where a mutation answers a Boolean, Dagster fails with that."""
    return "Unauthorized" in said or "Not authorized" in said or "permission" in said.lower()


def nobody(place: harness.Place) -> harness.Result:
    """An account that may not write the history."""
    findings = Findings("security", "`closedloop ui --read-only` by an account that may not write the history")
    home = Paths(place.published).dagster_home
    where = ("--seeds", place.seeds, "--warehouse", place.published)
    before = state(place)
    with bits(place.folder.parent, OPEN):
        done = subprocess.run(
            [*READER, *command("ui", "--read-only", "--port", PORT, *where)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env=harness.environment({"PYTHONDONTWRITEBYTECODE": "1"}),
        )
    said = complaints(done.returncode, done.stderr, str(home))
    findings.hold("nobody", f"{said}: {done.stderr[-300:]}", is_true=not said)
    findings.hold("nobody", "touched", is_true=not changes(before, state(place)))
    findings.found("one sentence says what is needed")
    return findings.result()
