"""The manager of workflows and actions."""

import pytest

from managers import github_actions
from tests.managers.reading import dependencies, found, skipped
from updater.api import Dependency, Package, Release, SourceFile
from updater.config import Policy
from updater.edit import replace
from updater.editing import value_edits
from updater.model.decide import Offer
from updater.model.track import UpdateType
from updater.versioning import get

SHA = "b4ffde65f46336ab88eb53be808477a3936bae11"


def workflow(*lines: str, path: str = ".github/workflows/ci.yml") -> SourceFile:
    """A workflow whose one job has these lines."""
    return SourceFile(path=path, text="jobs:\n  job:\n" + "".join(f"    {line}\n" for line in lines))


def used(uses: str, path: str = ".github/workflows/ci.yml") -> SourceFile:
    """A workflow with one step."""
    return workflow("steps:", f"  - uses: {uses}", path=path)


def only(file: SourceFile) -> Dependency:
    (item,) = dependencies(github_actions, file)
    return item


def test_an_action_at_a_tag() -> None:
    """An action is a repository at github.com, its reference a tag that may float."""
    action = only(used("actions/checkout@v4"))

    assert (action.name, action.current_value, action.dep_type) == ("actions/checkout", "v4", "action")
    assert action.package == Package(datasource="github-tags", name="actions/checkout")
    assert action.versioning == "github-actions"


def pinned(file: SourceFile) -> str | None:
    """The file with its one action pinned to a commit; None where it cannot be."""
    action = only(file)
    if not action.pinnable:
        return None
    digest = Release(version=action.current_value or "", digest=SHA)
    offer = Offer(
        release=digest,
        version=digest.version,
        new_value=digest.version,
        update_type=UpdateType.PIN_DIGEST,
        policy=Policy(),
    )
    return replace(file.text, value_edits(action, offer, SHA))


@pytest.mark.parametrize(
    ("uses", "expected"),
    [
        ("actions/checkout@v4", f"actions/checkout@{SHA} # v4"),
        ("actions/checkout@v4  ", f"actions/checkout@{SHA} # v4  "),
        ('"actions/checkout@v4.1.0"', f'"actions/checkout@{SHA}" # v4.1.0'),
        ("actions/checkout@v4 # keep", f"actions/checkout@{SHA} # v4 # keep"),
        ("acme/tools/setup@1.2.3\r", f"acme/tools/setup@{SHA} # 1.2.3\r"),
    ],
)
def test_an_action_is_pinned_to_a_commit(uses: str, expected: str) -> None:
    """The commit takes the place of the tag, which becomes a comment, and is read again as what it was."""
    file = used(uses)
    after = pinned(file)

    assert after == file.text.replace(uses, expected)
    action = only(SourceFile(path=file.path, text=after))
    assert (action.current_value, action.current_digest) == (only(file).current_value, SHA)
    assert not action.pinnable


@pytest.mark.parametrize(
    "file",
    [
        workflow("steps: [{uses: actions/checkout@v4}]"),
        workflow("steps:", "  - {uses: actions/checkout@v4, with: {ref: main}}"),
        workflow("steps:", "  - uses: >-", "      actions/checkout@v4"),
        used("actions/checkout@refs/tags/v4"),
        used("acme/tools@4 # keep"),
    ],
    ids=lambda file: file.text.splitlines()[-1].strip(),
)
def test_an_action_without_a_place_for_its_version(file: SourceFile) -> None:
    """Where no comment can stand, or would not be understood, the tag stays."""
    assert pinned(file) is None


@pytest.mark.parametrize(
    "comment",
    [
        "v4.1.1",
        "tag=v4.1.1",
        "tag: v4.1.1",
        "pin @v4.1.1",
        "pin@v4.1.1",
        "@v4.1.1",
        "ratchet:actions/checkout@v4.1.1",
        "actions/checkout@v4.1.1",
        "renovate: tag=v4.1.1",
        "v4.1.1, the last one for Node 16",
        "Version v4.1.1 (LTS)",
        "refs/tags/v4.1.1",
        "v4.1.1.",
    ],
)
def test_the_version_of_a_commit(comment: str) -> None:
    """A commit and the version in the comment behind it are one dependency, in every style of comment."""
    file = used(f"actions/checkout@{SHA} # {comment}")
    action = only(file)

    assert (action.current_value, action.current_digest) == ("v4.1.1", SHA)
    assert action.span == (at := file.text.index("v4.1.1"), at + 6)


@pytest.mark.parametrize("quote", ['"', "'"])
def test_the_comment_behind_a_quote(quote: str) -> None:
    """The comment may follow a closing quote, without a space even after its hash."""
    assert only(used(f"{quote}actions/cache@{SHA}{quote} #v3")).current_value == "v3"


def test_the_comment_behind_a_flow_mapping() -> None:
    """The comment may follow the brace that closes the step."""
    assert only(workflow("steps:", f"  - {{ uses: actions/cache@{SHA} }} # v3.0.1")).current_value == "v3.0.1"


@pytest.mark.parametrize("comment", ["", " # mine", " # 2024-01-31", " # 3 commits on", " # see #12", " # pinned"])
def test_commits_without_a_version(comment: str) -> None:
    """A commit whose comment names no version is listed, not moved."""
    assert skipped(github_actions, used(f"a/b@{SHA}{comment}")) == [(4, "a/b", "pinned to a commit")]


@pytest.mark.parametrize("comment", ["main", "release/v1", "branch: release/v1", "refs/heads/stable", "pin @main"])
def test_the_branch_of_a_commit(comment: str) -> None:
    """A commit with a branch in the comment behind it moves with the branch."""
    action = only(used(f"a/b@{SHA} # {comment}"))

    assert action.package == Package(datasource="git-refs", name="https://github.com/a/b")
    assert (action.name, action.current_digest) == ("a/b", SHA)
    assert action.current_value == comment.rsplit(maxsplit=1)[-1].removeprefix("refs/heads/").removeprefix("@")


def test_shortened_commits() -> None:
    """A shortened commit with a version is moved like a whole one; without, it is listed."""
    assert only(used("a/b@59acb62 # v3.4.0")).current_digest == "59acb62"
    assert skipped(github_actions, used("a/b@59acb62")) == [(4, "a/b", "pinned to a commit")]


@pytest.mark.parametrize("branch", ["main", "master", "release/v1", "latest", "v1.x", "1.x"])
def test_branches(branch: str) -> None:
    """A branch, or what looks like a range but is resolved by nobody, is followed, not moved."""
    assert skipped(github_actions, used(f"a/b@{branch}")) == [(4, "a/b", "follows a branch")]


@pytest.mark.parametrize("uses", ["./local", "../elsewhere", "./.github/workflows/x.yml", "nothing", '""'])
def test_what_is_no_dependency(uses: str) -> None:
    """What stands in the repository itself, or is no address, is not even listed."""
    assert not list(github_actions.extract(used(uses)))


def test_reusable_workflows() -> None:
    """A job may use a workflow of another repository."""
    item = only(workflow("uses: acme/workflows/.github/workflows/deploy.yml@v2.1.0"))

    assert (item.name, item.current_value, item.dep_type) == ("acme/workflows", "v2.1.0", "workflow")


@pytest.mark.parametrize(
    ("address", "package"),
    [
        ("https://github.com/a/b@v1", Package(datasource="github-tags", name="a/b")),
        (
            "https://code.forgejo.org/a/b@v1",
            Package(datasource="forgejo-tags", name="a/b", registry_urls=("https://code.forgejo.org",)),
        ),
        (
            "https://codeberg.org/a/b/sub@v1",
            Package(datasource="forgejo-tags", name="a/b", registry_urls=("https://codeberg.org",)),
        ),
        (
            "https://gitea.example.com/a/b@v1",
            Package(datasource="gitea-tags", name="a/b", registry_urls=("https://gitea.example.com",)),
        ),
        ("https://git.example.com/a/b@v1", Package(datasource="git-tags", name="https://git.example.com/a/b")),
    ],
)
def test_other_forges(address: str, package: Package) -> None:
    """An action with an address is looked up where it is."""
    assert only(used(address, path=".forgejo/workflows/test.yml")).package == package


def test_images() -> None:
    """Images stand behind docker://, in containers (in both forms) and in services."""
    file = workflow(
        "container: node:20.11.0",
        "services:",
        "  db: {image: 'postgres:16.1'}",
        "steps:",
        "  - uses: docker://alpine:3.19",
    )

    assert [(item.name, item.current_value, item.dep_type) for item in dependencies(github_actions, file)] == [
        ("node", "20.11.0", "container"),
        ("postgres", "16.1", "service"),
        ("alpine", "3.19", "docker"),
    ]
    assert only(workflow("container:", "  image: node:20")).current_value == "20"


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("ubuntu-22.04", ("ubuntu", "22.04")),
        ("[self-hosted, windows-2022]", ("windows", "2022")),
        ("{group: a, labels: macos-14-xlarge}", ("macos", "14-xlarge")),
        ("{group: a, labels: [ubuntu-24.04-arm]}", ("ubuntu", "24.04-arm")),
        ("${{ inputs.runner || 'ubuntu-24.04' }}", ("ubuntu", "24.04")),
    ],
)
def test_runners(label: str, expected: tuple[str, str]) -> None:
    """A runner is a dependency in each form of `runs-on`, and where an expression quotes it."""
    runner = only(workflow(f"runs-on: {label}"))

    assert (runner.name, runner.current_value) == expected
    assert runner.package == Package(datasource="github-runners", name=expected[0])


@pytest.mark.parametrize("label", ["ubuntu-latest", "self-hosted", "ubuntu-22.04-16core", "${{ matrix.os }}"])
def test_runners_without_a_known_version(label: str) -> None:
    """The latest image, and runners of one's own, have no version."""
    assert not list(github_actions.extract(workflow(f"runs-on: {label}")))


def test_a_matrix_of_runners() -> None:
    """Runners of a matrix are updated in the matrix, in what it includes and excludes alike."""
    file = workflow(
        "runs-on: ${{ matrix.os }}",
        "strategy:",
        "  matrix:",
        "    os: [ubuntu-22.04, windows-2022]",
        "    include: [{os: macos-14}]",
        "    exclude: [{os: windows-2022}]",
    )

    assert found(github_actions, file) == [
        (6, "ubuntu", "22.04"),
        (6, "windows", "2022"),
        (7, "macos", "14"),
        (8, "windows", "2022"),
    ]


def test_a_matrix_of_tools_is_left_alone() -> None:
    """The versions of a language in a matrix are meant to differ."""
    file = workflow(
        "strategy: {matrix: {go: ['1.21', '1.22']}}",
        "steps:",
        "  - uses: actions/setup-go@v5",
        "    with: {go-version: '${{ matrix.go }}'}",
    )

    assert found(github_actions, file) == [(5, "actions/setup-go", "v5")]
    assert skipped(github_actions, file) == [(6, "go", "contains a template")]


def tool(action: str, inputs: str) -> Dependency:
    """The tool that a step sets up."""
    (_, item) = dependencies(github_actions, workflow("steps:", f"  - uses: {action}@v1", f"    with: {{{inputs}}}"))
    return item


def test_tools() -> None:
    """The version that a well-known action sets up is a dependency of its own; names know no upper case."""
    helm = tool("Azure/setup-helm", "version: v3.14.0")

    assert helm.package == Package(datasource="github-releases", name="helm/helm")
    assert (helm.name, helm.current_value, helm.dep_type) == ("helm", "v3.14.0", "uses-with")
    assert helm.versioning is None
    assert tool("actions/setup-go", "go-version: '1.22'").versioning == "npm"
    assert tool("golangci/golangci-lint-action", "version: v1.56").versioning == "semver-partial"
    assert tool("helm/kind-action", "node_image: kindest/node:v1.29.1").package.datasource == "docker"
    assert tool("docker/setup-buildx-action", "driver-opts: 'network=host,image=moby/buildkit:v0.12.5'").name == (
        "moby/buildkit"
    )


def test_versions_without_a_v() -> None:
    """Where tags have a `v` and the input has none, the tags are read without it."""
    terraform = tool("hashicorp/setup-terraform", "terraform_version: 1.9.5")

    assert terraform.extract_version == r"^v?(?<version>\d.*)"
    assert get("npm").new_value("1.9.5", "1.9.5", "1.10.0", "replace") == "1.10.0"


@pytest.mark.parametrize("value", ["latest", "stable", "lts/*", "pypy3.10", "3.13-dev", "1.21rc2"])
def test_words_instead_of_versions(value: str) -> None:
    """What is no version or range of a tool is listed, not updated."""
    file = workflow("steps:", "  - uses: actions/setup-python@main", f"    with: {{python-version: {value}}}")

    assert skipped(github_actions, file)[1:] == [(5, "python", "not version-like")]


@pytest.mark.parametrize("value", ["3", "3.12", "3.12.1", "3.x", "^3.12", "~3.12.0", ">=3.11 <3.13", "3.9 - 3.11"])
def test_versions_and_ranges_of_tools(value: str) -> None:
    """Exact, floating and ranged versions of a tool are dependencies."""
    assert tool("actions/setup-python", f"python-version: '{value}'").current_value == value


def test_expressions_lead_to_their_values() -> None:
    """`env` and the defaults of inputs are followed; the innermost `env` counts."""
    text = """
on: {workflow_call: {inputs: {helm: {default: v3.14.0}}}}
env: {TERRAFORM: 1.6.0, KIND: "${{ vars.KIND }}"}
jobs:
  job:
    env: {TERRAFORM: 1.7.2}
    steps:
      - uses: azure/setup-helm@main
        with: {version: "${{ inputs.helm }}"}
      - uses: hashicorp/setup-terraform@main
        with: {terraform_version: "${{env.TERRAFORM}}"}
      - uses: helm/kind-action@main
        with: {version: "${{ env.KIND }}"}
"""
    file = SourceFile(path=".github/workflows/a.yml", text=text)

    assert found(github_actions, file) == [(2, "helm", "v3.14.0"), (6, "terraform", "1.7.2")]
    assert (3, "kubernetes-sigs/kind", "contains a template") in skipped(github_actions, file)


def test_actions() -> None:
    """An action has steps, or an image."""
    steps = "runs:\n  using: composite\n  steps:\n    - uses: a/b@v1\n"
    image = "runs:\n  using: docker\n  image: docker://alpine:3.19\n"
    own = "runs:\n  using: docker\n  image: Dockerfile\n"

    assert only(SourceFile(path="sub/action.yml", text=steps)).name == "a/b"
    assert only(SourceFile(path="action.yaml", text=image)).name == "alpine"
    assert not list(github_actions.extract(SourceFile(path="action.yaml", text=own)))


def test_content_decides() -> None:
    """A workflow is read wherever it stands, but not inside of another object."""
    text = used("a/b@v1").text

    assert only(SourceFile(path="elsewhere.yaml", text=text)).name == "a/b"
    assert not list(
        github_actions.extract(SourceFile(path="k8s/map.yaml", text=f"apiVersion: v1\nkind: ConfigMap\n{text}"))
    )


def test_templates_that_are_no_yaml() -> None:
    """Of a file that is no YAML, the actions on lines of their own are found nevertheless."""
    steps = f"      - uses: a/b@v1 # x\r\n      - uses: 'c/d@{SHA}' # v2\n"
    text = f"jobs:\n{{% if a %}}\n  a:\n    steps:\n{steps}{{% endif %}}\n"
    file = SourceFile(path=".github/workflows/a.yml", text=text)

    assert found(github_actions, file) == [(5, "a/b", "v1"), (6, "c/d", "v2")]
    assert [reason[:14] for _, _, reason in skipped(github_actions, file)] == ["not valid YAML"]


@pytest.mark.parametrize(
    "text",
    [
        "env:\n  BASE_IMAGE: acme/base:1.2\njobs: {a: {steps: []}}\n",
        "jobs:\n  a:\n    env: {BASE_IMAGE: 'acme/base:1.2'}\n",
        "jobs:\n  a:\n    steps:\n      - env: {BASE_IMAGE_REF: 'acme/base:1.2'}\n",
        "jobs:\n  a:\n    steps:\n      - uses: ./x\n        with: {docker-image: 'acme/base:1.2'}\n",
        "on: {workflow_call: {inputs: {image: {default: 'acme/base:1.2'}}}}\njobs: {a: {steps: []}}\n",
    ],
)
def test_images_by_the_name_of_a_variable(text: str) -> None:
    """What is called an image in the environment, or among inputs, and has a version, is one."""
    image = only(SourceFile(path=".github/workflows/ci.yml", text=text))

    assert (image.name, image.current_value, image.package.datasource) == ("acme/base", "1.2", "docker")


@pytest.mark.parametrize("value", ["ghcr.io/${{ github.repository }}:1.0", "acme/web", "ubuntu-22.04", "10"])
def test_variables_without_a_version_of_an_image(value: str) -> None:
    """What is put together by the workflow, or has no tag, is none."""
    assert dependencies(github_actions, workflow("env:", f"  IMAGE: {value}", "steps: []")) == []
