"""Replacements: another package in the place of one, written where the old one stands."""

from collections.abc import Iterable, Mapping

import pytest

from managers import argocd, github_actions, helm_chart, kubernetes, terraform
from tests.core.made import DIGEST, choices, tracked
from tests.core.vetting import Content, Registry, vetted
from updater import edit, naming
from updater.api import Client, Manager, SourceFile
from updater.config import Policy, Subject, parse
from updater.config.replacements import MOVES, ON_REQUEST
from updater.model.decide import Replacement, Update
from updater.model.lookup import Release, Releases
from updater.model.scan import Dependency, LockEntry, Package, Span
from updater.model.track import Tracked
from updater.report.marker import marker_of
from updater.vet import Vetted

OTHER = "sha256:" + "cd" * 32
TO_K8S = Policy(replacement_name="registry.k8s.io/pause")
TO_ARCHIVE = Policy(replacement_registry_url="https://charts.helm.sh/stable")


class Index(Registry):
    """A chart repository: a list of versions, and no digests."""

    digest = None  # type: ignore[assignment]

    def __init__(self, *versions: str) -> None:
        super().__init__()
        self.versions = versions
        self.listed: list[Package] = []

    async def releases(self, package: Package, client: Client) -> Releases:
        self.listed.append(package)
        return Releases(releases=tuple(Release(version=each) for each in self.versions))


def only(manager: Manager, path: str, text: str, policy: Policy, versioning: str = "docker") -> tuple[str, Tracked]:
    """The text, and the one dependency in it, under ``policy``."""
    (found,) = (item for item in manager.extract(SourceFile(path=path, text=text)) if isinstance(item, Dependency))
    return text, Tracked(dependency=found, package=found.package, name=found.name, versioning=versioning, policy=policy)


async def replaced(found: Tracked, registry: Registry) -> Vetted:
    (result,) = await vetted([each for each in choices(found) if each.offers[0].replacement], registry)
    return result


def applied(text: str, update: Update | None) -> str:
    assert update is not None
    return edit.replace(text, update.edits)


POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: a\n      image: '{}' # keep\r\n"


@pytest.mark.parametrize(
    ("image", "policy", "wanted"),
    [
        ("k8s.gcr.io/pause:3.9", TO_K8S, "registry.k8s.io/pause:3.9"),
        (f"k8s.gcr.io/pause:3.9@{DIGEST}", TO_K8S, f"registry.k8s.io/pause:3.9@{OTHER}"),
        (
            "k8s.gcr.io/pause:3.9",
            Policy(replacement_name="registry.k8s.io/pause", replacement_version="3.10"),
            "registry.k8s.io/pause:3.10",
        ),
        ("k8s.gcr.io/pause:latest", TO_K8S, "registry.k8s.io/pause:latest"),
    ],
)
async def test_an_image_moves_with_tag_and_digest(image: str, policy: Policy, wanted: str) -> None:
    """Name, tag and digest are one change; not a character around them moves."""
    text, found = only(kubernetes, "pod.yaml", POD.format(image), policy)
    registry = Registry({version: Content(digest=OTHER) for version in ("3.9", "3.10", "latest")})
    result = await replaced(found, registry)
    assert applied(text, result.update) == POD.format(wanted)


async def test_only_what_exists_is_proposed() -> None:
    """A registry that does not have the version under the new name holds the replacement back."""
    _, found = only(kubernetes, "pod.yaml", POD.format("k8s.gcr.io/pause:3.1"), TO_K8S)
    result = await replaced(found, Registry())
    assert (result.update, [each.rule for each in result.held]) == (None, ["missing"])


CHART = """\
apiVersion: v2
name: shop
version: 1.0.0
dependencies:
  - name: grafana
    version: {version}
    repository: "{repository}"
"""


@pytest.mark.parametrize("version", ["5.1.0", "^5.0.0"])
async def test_a_chart_repository_moves(version: str) -> None:
    """The address is replaced where it is written; the list behind the new one is asked for the version."""
    old = CHART.format(version=version, repository="https://kubernetes-charts.storage.googleapis.com")
    text, found = only(helm_chart, "Chart.yaml", old, TO_ARCHIVE, "helm")
    index = Index("5.1.0")
    result = await replaced(found, index)
    assert applied(text, result.update) == CHART.format(version=version, repository="https://charts.helm.sh/stable")
    assert index.listed == [
        Package(datasource="helm", name="grafana", registry_urls=("https://charts.helm.sh/stable",))
    ]


async def test_a_chart_is_renamed_and_moves() -> None:
    """Name, repository and version at once."""
    text, found = only(
        argocd,
        "app.yaml",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n"
        "    repoURL: https://charts.helm.sh/stable\n    chart: nginx-ingress\n    targetRevision: 1.41.3\n",
        Policy(
            replacement_name="ingress-nginx",
            replacement_version="2.11.1",
            replacement_registry_url="https://kubernetes.github.io/ingress-nginx",
        ),
        "helm",
    )
    result = await replaced(found, Index("2.11.1", "3.0.0"))
    assert applied(text, result.update) == (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n"
        "    repoURL: https://kubernetes.github.io/ingress-nginx\n    chart: ingress-nginx\n"
        "    targetRevision: 2.11.1\n"
    )


RELEASE = """\
resource "helm_release" "ingress" {{
  repository = {repository} # keep
  chart      = "{chart}"
  version    = "{version}"
}}
"""


async def test_a_chart_in_terraform_is_renamed_and_moves() -> None:
    """What stands in the block itself is written there, as one change with the version."""
    policy = Policy(
        replacement_name="ingress-nginx",
        replacement_version="2.11.1",
        replacement_registry_url="https://kubernetes.github.io/ingress-nginx",
    )
    old = RELEASE.format(repository='"https://charts.helm.sh/stable"', chart="nginx-ingress", version="1.41.3")
    text, found = only(terraform, "main.tf", old, policy, "helm")
    result = await replaced(found, Index("2.11.1"))
    assert applied(text, result.update) == RELEASE.format(
        repository='"https://kubernetes.github.io/ingress-nginx"', chart="ingress-nginx", version="2.11.1"
    )


async def test_a_repository_that_a_local_names_is_left_to_people() -> None:
    """A local may name it for others, too: nothing is written, and it is said why."""
    text = RELEASE.format(repository="local.charts", chart="grafana", version="5.1.0")
    local = 'locals {\n  charts = "https://charts.helm.sh/incubator"\n}\n'
    _, found = only(terraform, "main.tf", text + local, TO_ARCHIVE, "helm")
    result = await replaced(found, Index("5.1.0"))
    assert [each.reason for each in result.held] == [
        "replaced by grafana of https://charts.helm.sh/stable, but its repository is not written here"
    ]


async def test_an_action_is_renamed() -> None:
    """What stands behind the repository's name, a directory, stays."""
    workflow = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: {}/sub@v2.1.0 # why\n"
    text, found = only(
        github_actions,
        ".github/workflows/a.yaml",
        workflow.format("zricethezav/gitleaks-action"),
        Policy(replacement_name="gitleaks/gitleaks-action"),
        "github-actions",
    )
    result = await replaced(found, Index("v2.1.0"))
    assert applied(text, result.update) == workflow.format("gitleaks/gitleaks-action")


LOCK = LockEntry(
    manager="helm-lock",
    path="Chart.lock",
    line=1,
    package=Package(datasource="docker", name="k8s.gcr.io/pause"),
    version="1.0.0",
    version_span=Span(0, 5),
)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (
            tracked(name="k8s.gcr.io/pause", policy=TO_K8S),
            "replaced by registry.k8s.io/pause, but its name is not written here in one piece",
        ),
        (
            tracked(name="grafana", datasource="helm", versioning="helm", policy=TO_ARCHIVE),
            "replaced by grafana of https://charts.helm.sh/stable, but its repository is not written here",
        ),
        (
            tracked(name="k8s.gcr.io/pause", policy=TO_K8S, name_span=Span(0, 1), lock=LOCK),
            "replaced by registry.k8s.io/pause, but Chart.lock names it, too",
        ),
    ],
)
async def test_what_cannot_be_written_is_said(found: Tracked, reason: str) -> None:
    """Where a name or an address is not there to be replaced, a person is told; nobody is asked."""
    registry = Registry()
    result = await replaced(found, registry)
    assert (result.update, [(each.rule, each.reason) for each in result.held]) == (None, [("replacement", reason)])
    assert registry.asked == []


def test_what_is_replaced_by_itself_is_not_replaced() -> None:
    """A rule for all images of a name does no harm to those that moved."""
    assert choices(tracked(name="registry.k8s.io/pause", policy=TO_K8S)) == ()


def test_replacements_can_be_switched_off() -> None:
    """``"replacement": {"enabled": false}``."""
    found = tracked(name="k8s.gcr.io/pause", policy=TO_K8S)
    assert choices(found, policies={"replacement": Policy(enabled=False)}) == ()


async def test_names_of_a_replacement() -> None:
    """Branch, title and marker say what takes the place of what; the same proposal is known again by its marker."""
    _, found = only(kubernetes, "pod.yaml", POD.format("k8s.gcr.io/pause:3.9"), TO_K8S)
    update = (await replaced(found, Registry({"3.9": Content(digest=OTHER)}))).update
    assert update is not None
    assert naming.branch_name(update) == "updater/k8s.gcr.io-pause-replacement"
    assert naming.title([update], semantic=False) == "Replace k8s.gcr.io/pause Docker tag with registry.k8s.io/pause"
    assert marker_of("", [update]).proposals == {("docker k8s.gcr.io/pause", "registry.k8s.io/pause")}


# ---------------------------------------------------------------- the data


def _policy(presets: Iterable[str], datasource: str, name: str, urls: tuple[str, ...] = ()) -> Policy:
    subject = Subject(
        manager="kubernetes", path="a", datasource=datasource, package_name=name, dep_name=name, registry_urls=urls
    )
    return parse(f"{{extends: {list(presets)!r}}}", path="c").policy(subject)


def _rules() -> list[tuple[str, Mapping[str, object]]]:
    moves = {**MOVES, **ON_REQUEST}
    return [(f"replacements:{name}", rule) for name, move in moves.items() for rule in move.rules]


@pytest.mark.parametrize(("preset", "rule"), _rules())
def test_every_move_leads_somewhere_and_ends_there(preset: str, rule: dict[str, list[str]]) -> None:
    """The rule meets what it names, and what takes its place is not replaced again by any rule."""
    datasource = rule["matchDatasources"][0]
    name = rule.get("matchPackageNames", ["some-chart"])[0].replace("**", "some/image")
    urls = tuple(url.replace("{,/}", "/") for url in rule.get("matchRegistryUrls", ()))
    found = _policy([preset], datasource, name, urls)
    new_name, new_url = found.replacement_name or name, found.replacement_registry_url
    assert (new_name, new_url) != (name, None)
    assert "{" not in new_name
    again = _policy(["replacements:all", preset], datasource, new_name, (new_url,) if new_url else urls)
    assert (again.replacement_name, again.replacement_registry_url) == (None, None)


@pytest.mark.parametrize("name", [*MOVES, *ON_REQUEST])
def test_every_move_says_who_announced_it(name: str) -> None:
    """Data that nobody could check is worth nothing."""
    assert {**MOVES, **ON_REQUEST}[name].source.startswith("https://")


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("k8s.gcr.io/ingress-nginx/controller", "registry.k8s.io/ingress-nginx/controller"),
        ("argoproj/argocd", "quay.io/argoproj/argocd"),
        ("bitnami/redis", None),
        ("ghcr.io/acme/api", None),
    ],
)
def test_all_moves_are_in_the_recommended_configuration(name: str, wanted: str | None) -> None:
    """``config:recommended`` follows what moved, and nothing that would be no improvement."""
    assert _policy(["config:recommended"], "docker", name).replacement_name == wanted


def test_a_replacement_in_words() -> None:
    """Its name, and its repository where that changes."""
    package = Package(datasource="helm", name="a")
    assert str(Replacement(name="a", package=package)) == "a"
    assert str(Replacement(name="a", package=package, registry_url="https://b")) == "a of https://b"
