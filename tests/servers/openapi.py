"""GitHub's published description of its API, as an independent judge of what is sent to it and of what it answers.

The npm package ``@octokit/openapi`` holds it; it is installed once into a cache, where npm is there.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.servers.code_host import Exchange

VERSIONS = ("@octokit/openapi@23", "@octokit/graphql-schema@15")
_MODULES = "node_modules/@octokit"
_URI = "urn:github"

Node = Mapping[str, Any]


def installed(cache: Path) -> Path | None:
    """Where the packages are, installed if they are not there yet; None without npm or without its registry."""
    modules = cache / _MODULES
    if (modules / "openapi").is_dir() and (modules / "graphql-schema").is_dir():
        return modules
    npm = shutil.which("npm")
    if npm is None:
        return None
    cache.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--no-save", "--ignore-scripts", "--omit=peer", "--prefix", str(cache), *VERSIONS]
    result = subprocess.run(command, capture_output=True, check=False, timeout=50)
    return modules if result.returncode == 0 else None


@dataclass(frozen=True)
class Description:
    """One description of the API, read from a file."""

    file: Path

    @cached_property
    def _document(self) -> Node:
        document = json.loads(self.file.read_bytes())
        _allow_null(document)
        found: Node = document
        return found

    @cached_property
    def _registry(self) -> Registry[Any]:
        resource: Resource[Any] = Resource.from_contents(self._document, default_specification=DRAFT202012)
        registry: Registry[Any] = Registry()
        found: Registry[Any] = registry.with_resource(_URI, resource)
        return found

    @cached_property
    def _paths(self) -> list[tuple[re.Pattern[str], str]]:
        """The addresses, those with the fewest gaps first."""
        found = [
            (re.compile(re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(path))), path) for path in self._document["paths"]
        ]
        return sorted(found, key=lambda pair: pair[1].count("{"))

    def complaints(self, exchange: Exchange, root: str) -> Iterator[str]:
        """What is wrong with a request and its answer. ``root`` is what stands before the described addresses."""
        path = exchange.path.removeprefix(root)
        described = next((name for pattern, name in self._paths if pattern.fullmatch(path)), None)
        where = f"{exchange.method} {path}"
        operation = self._document["paths"].get(described, {}).get(exchange.method.lower())
        if described is None or operation is None:
            yield f"{where}: there is no such address"
            return
        yield from (f"{where}: {words}" for words in self._of_query(operation, exchange))
        place = [_URI + "#", "paths", described, exchange.method.lower()]
        if exchange.status < 300:
            yield from (f"{where}: sent {words}" for words in self._of_body(operation, place, exchange))
        yield from (f"{where}: answered {words}" for words in self._of_answer(operation, place, exchange))

    def _of_query(self, operation: Node, exchange: Exchange) -> Iterator[str]:
        known = {}
        for parameter in operation.get("parameters", ()):
            found = self._resolved(parameter)
            known[found["name"]] = found["schema"]
        for name, value in exchange.query.items():
            if name not in known:
                yield f"there is no parameter {name}"
            elif "enum" in known[name] and value not in known[name]["enum"]:
                yield f"{name} cannot be {value}"

    def _of_body(self, operation: Node, place: list[str], exchange: Exchange) -> Iterator[str]:
        if "requestBody" in operation and exchange.body is not None:
            pointer = [*place, "requestBody", "content", "application/json", "schema"]
            yield from self._mistakes(exchange.body, pointer)
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            if isinstance(exchange.body, dict) and "properties" in schema:
                yield from (f"a field {name}" for name in sorted(set(exchange.body) - set(schema["properties"])))

    def _of_answer(self, operation: Node, place: list[str], exchange: Exchange) -> Iterator[str]:
        answer = operation["responses"].get(str(exchange.status))
        if answer is None:
            yield f"{exchange.status}, which is not described"
            return
        pointer = [*place, "responses", str(exchange.status)]
        if "$ref" in answer:
            pointer = [_URI + "#", *answer["$ref"].removeprefix("#/").split("/")]
        content = self._resolved(answer).get("content", {})
        if exchange.answer is not None and "application/json" in content:
            yield from self._mistakes(exchange.answer, [*pointer, "content", "application/json", "schema"])

    def _resolved(self, node: Node) -> Node:
        while "$ref" in node:
            keys = node["$ref"].removeprefix("#/").split("/")
            found: Any = self._document
            for key in keys:
                found = found[key]
            node = found
        return node

    def _mistakes(self, value: object, pointer: list[str]) -> Iterator[str]:
        escaped = "/".join(part.replace("~", "~0").replace("/", "~1").replace("%", "%25") for part in pointer[1:])
        reference = f"{pointer[0]}/{escaped}".replace("{", "%7B").replace("}", "%7D")
        validator = Draft202012Validator({"$ref": reference}, registry=self._registry)
        for error in validator.iter_errors(value):
            yield f"{'/'.join(map(str, error.absolute_path)) or 'as a whole'}: {error.message[:200]}"


def _allow_null(node: Any) -> None:
    """Say ``nullable`` in the words of JSON Schema, which OpenAPI 3.0 is not."""
    if isinstance(node, dict):
        if node.pop("nullable", False) is True:
            if isinstance(node.get("type"), str):
                node["type"] = [node["type"], "null"]
            if "enum" in node:
                node["enum"] = [*node["enum"], None]
            for kind in ("allOf", "anyOf", "oneOf"):
                if kind in node and "type" not in node:
                    node["anyOf"] = [{kind: node.pop(kind)}, {"type": "null"}]
                    break
        for child in node.values():
            _allow_null(child)
    elif isinstance(node, list):
        for child in node:
            _allow_null(child)
