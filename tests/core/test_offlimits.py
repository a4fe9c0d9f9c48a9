"""What belongs to somebody else is neither seen nor changed."""

from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from updater import plugins
from updater.config import load
from updater.config.patterns import WordSet
from updater.edit import RefusedEditError, SecretEditError, replace
from updater.model.scan import Edit, Span
from updater.offlimits import PATTERNS, claim, is_encrypted, secrets, veiled
from updater.repo import WorkTree
from updater.scan import scan


def hidden(text: str) -> list[str]:
    """The first and the last word of each place that is hidden."""
    return [" ".join((words[0], words[-1])) for span in secrets(text) if (words := text[slice(*span)].split())]


@pytest.mark.parametrize(
    "kind",
    [
        *("Secret", "SealedSecret", "ExternalSecret", "ClusterExternalSecret", "PushSecret", "SecretStore"),
        *("ClusterSecretStore", '"Secret"', "'Secret'", "Secret  # of the shop"),
    ],
)
def test_a_document_of_a_secret_kind_is_hidden(kind: str) -> None:
    """Every kind of object that holds secrets is hidden from its first key to its last line."""
    text = f"apiVersion: v1\nkind: {kind}\nstringData:\n  image: a/b:1.2\n"

    assert veiled(text).split() == []
    assert len(veiled(text)) == len(text)


_PIECES = (
    *("kind", "apiVersion", '"', "'", ":", " ", "\t", "\n", "- ", "{", "Secret", "SealedSecret", "SecretStore", "Push"),
    *("external-secrets.io/v1", "generators.", "v1", "\udc80", "ü"),
)


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join), st.sampled_from(("", "kind: Secret\n")))
def test_what_is_hidden_is_never_ruled_out_beforehand(text: str, more: str) -> None:
    """The patterns that are looked for in the bytes of a file are found wherever something is hidden in its text."""
    text += f"\napiVersion: v1\n{more}"
    found = list(WordSet(PATTERNS, PATTERNS).hits(text.encode("utf-8", "surrogateescape")))

    assert found or not secrets(text)


def test_the_neighbours_stay() -> None:
    """In a file of several documents only the secret is hidden, wherever its kind is written."""
    text = dedent("""\
        apiVersion: v1
        kind: Pod
        spec: {containers: [{image: a:1}]}
        ---
        # kept apart
        stringData:
          image: b:2

          tag: "3"
        kind: Secret
        metadata:
        - odd
        apiVersion: v1
        ---
        image: c:3
        """)

    assert [line for line in veiled(text).splitlines() if line.strip()] == [
        *("apiVersion: v1", "kind: Pod", "spec: {containers: [{image: a:1}]}", "---", "---", "image: c:3"),
    ]


def test_items_of_lists_are_hidden_one_by_one() -> None:
    """A secret in a list, or among the extra objects of a values file, is hidden, and the items around it are not."""
    text = dedent("""\
        extraObjects:
          - apiVersion: v1
            kind: ConfigMap
            data: {image: "a:1"}
          - apiVersion: external-secrets.io/v1
            kind: ExternalSecret
            spec:
              data:
                - remoteRef: {version: "2.0.0"}
          - kind: Deployment
            apiVersion: apps/v1
        image: c:3
        """)

    assert hidden(text) == ['apiVersion: "2.0.0"}']
    assert "Deployment" in veiled(text)
    assert "c:3" in veiled(text)


@pytest.mark.parametrize(
    "text",
    [
        "spec:\n  ignoreDifferences:\n    - group: ''\n      kind: Secret\n      jsonPointers: [/data]\n  tag: 1.2\n",
        "valuesFrom:\n  - kind: Secret\n    name: a\nversion: 1.2.3\n",
        "spec:\n  secretRef: {kind: Secret, name: x}\n  image: a:1\n",
        "kind: SecretProviderClass\napiVersion: secrets-store.csi.x-k8s.io/v1\nimage: a:1\n",
        "rules:\n- apiGroups: ['']\n  resources: [secrets]\n# kind: Secret\nkind: ClusterRole\napiVersion: v1\n",
    ],
)
def test_a_mention_is_no_secret(text: str) -> None:
    """What only speaks of a secret is not hidden."""
    assert veiled(text) == text


@pytest.mark.parametrize(
    "text",
    [
        '{"apiVersion": "v1", "kind": "Secret", "stringData": {"image": "a:1"}}',
        '[\n  {\n    "kind": "Secret",\n    "apiVersion": "v1"\n  }\n]',
        "items:\n- {apiVersion: v1, kind: Secret, stringData: {image: 'a:1'}}\n",
    ],
)
def test_flow_style_is_hidden(text: str) -> None:
    """Secrets in JSON and in flow style are hidden, too."""
    assert "image" not in veiled(text)
    assert secrets(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: ENC[x]\nsops:\n    lastmodified: '2026-01-01'\n    mac: ENC[y]\n", True),
        ('{"a": "ENC[x]", "sops": {"lastmodified": "2026", "mac": "ENC[y]", "version": "3.9.0"}}', True),
        ('{\n"a": "ENC[x]",\n"sops": {"lastmodified": "2026", "mac": "ENC[y]", "version": "3.9.0"}}', True),
        ("A=ENC[x]\nsops_mac=ENC[y]\nsops_lastmodified=2026\n", True),
        ("sops:\n  image: mozilla/sops:v3\n", False),
    ],
)
def test_encrypted_files(text: str, expected: bool) -> None:  # noqa: FBT001 - a table
    """A file that SOPS encrypted is told by its checksum, not by the word."""
    assert is_encrypted(text) is expected


def test_no_edit_of_a_secret() -> None:
    """An edit that touches a secret or an encrypted file is refused, one beside it is made."""
    text = "image: a:1\n---\napiVersion: v1\nkind: Secret\nstringData: {tag: '1.2'}\n"
    at = text.index("1.2")

    with pytest.raises(SecretEditError):
        replace(text, [Edit(path="a.yaml", span=Span(at, at + 3), text="1.3")])
    with pytest.raises(RefusedEditError):
        replace("a: '1'\nsops:\n  mac: ENC[y]\n  lastmodified: x\n", [Edit(path="a.yaml", span=Span(4, 5), text="2")])
    assert replace(text, [Edit(path="a.yaml", span=Span(9, 10), text="2")]).startswith("image: a:2\n---")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("image: a:1 # renovate: ignore\n", "ignored by comment"),
        ("image: a:1   // updater:ignore this one\n", "ignored by comment"),
        ("  # updater: ignore\nimage: a:1\n", "ignored by comment"),
        ('image: a:1 # {"$imagepolicy": "flux-system:a"}\n', "owned by Flux image automation"),
        ("# updater: ignored\nimage: a:1\n", None),
        ("image: b:1 # renovate: ignore\nimage: a:1\n", None),
        ("image: a:1\n# renovate: ignore\n", None),
    ],
)
def test_claims(text: str, reason: str | None) -> None:
    """A comment behind a value, or alone above it, takes it away from us; one elsewhere does not."""
    at = text.index("a:1") + 2

    assert claim(text, Span(at, at + 1)) == reason


def test_a_custom_manager_sees_no_secrets_either(tmp_path: Path) -> None:
    """Not even a pattern of the user finds a version in a secret."""
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: Secret\nstringData: {image: 'a/b:1.2'}\n---\nx: a/b:1.3\n")
    (tmp_path / "renovate.json").write_text(
        '{"customManagers": [{"customType": "regex", "managerFilePatterns": ["a.yaml"], "matchStrings":'
        ' ["(?<depName>a/b):(?<currentValue>[0-9.]+)"], "datasourceTemplate": "docker"}]}'
    )
    tree = WorkTree(tmp_path)
    found = scan(tree, load(tree), plugins.managers(), plugins.custom_managers())

    assert [item.current_value for item in found.dependencies] == ["1.3"]
