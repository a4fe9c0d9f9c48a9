"""From an edited file to the applications, releases and roots that deploy it."""

from pathlib import Path

import pytest

from updater.api import Target
from updater.config import load
from updater.repo import open_tree
from updater.targets import Reach, Touched, survey

URL = "https://git.example.com/acme/gitops.git"


def reach(root: Path, files: dict[str, str], *addresses: str) -> Reach:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    tree = open_tree(root)
    return survey(tree, load(tree), addresses)


def names(targets: tuple[Target, ...]) -> list[str]:
    return [target.name for target in targets]


def application(name: str, path: str, extra: str = "", *, url: str = URL, annotations: str = "") -> str:
    return f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: {name}
  namespace: argocd
  annotations: {{{annotations}}}
spec:
  source:
    repoURL: {url}
    path: {path}
    targetRevision: main
{extra}
"""


def test_a_directory_of_plain_objects(tmp_path: Path) -> None:
    """Argo CD reads the objects of a directory, not those of directories below it."""
    found = reach(tmp_path, {"argo/shop.yaml": application("shop", "apps/shop"), "apps/shop/web.yaml": "a: 1"}, URL)
    assert names(found.of([Touched("apps/shop/web.yaml")])) == ["shop"]
    assert names(found.of([Touched("apps/shop/deeper/web.yaml")])) == []


def test_a_directory_that_is_read_with_all_below_it(tmp_path: Path) -> None:
    """With ``recurse``, everything below counts."""
    text = application("shop", "apps/shop", "    directory: {recurse: true}")
    found = reach(tmp_path, {"argo/shop.yaml": text, "apps/shop/x/web.yaml": "a: 1"}, URL)
    assert names(found.of([Touched("apps/shop/x/web.yaml")])) == ["shop"]


def test_paths_are_compared_by_their_segments(tmp_path: Path) -> None:
    """``apps/foo`` does not hold ``apps/foobar``: where others compare beginnings, both are reached."""
    files = {
        "argo/foo.yaml": application("foo", "apps/foo", "    directory: {recurse: true}"),
        "argo/foobar.yaml": application("foobar", "apps/foobar", "    directory: {recurse: true}"),
        "apps/foo/a.yaml": "a: 1",
        "apps/foobar/a.yaml": "a: 1",
    }
    found = reach(tmp_path, files, URL)
    assert names(found.of([Touched("apps/foobar/a.yaml")])) == ["foobar"]
    assert names(found.of([Touched("apps/foo/a.yaml")])) == ["foo"]


def test_a_chart_and_its_files_of_values(tmp_path: Path) -> None:
    """A chart is reached by all below it, and by the files of values that the application names beside it."""
    text = application("shop", "charts/shop", "    helm: {valueFiles: [../../values/prod.yaml, /values/all.yaml]}")
    files = {"argo/shop.yaml": text, "charts/shop/Chart.yaml": "name: shop", "values/prod.yaml": "a: 1"}
    found = reach(tmp_path, files, URL)
    for path in ("charts/shop/templates/web.yaml", "values/prod.yaml", "values/all.yaml"):
        assert names(found.of([Touched(path)])) == ["shop"], path
    assert names(found.of([Touched("values/staging.yaml")])) == []


def test_values_for_a_chart_of_somebody_else(tmp_path: Path) -> None:
    """Of several sources, one may be named by ``ref`` and lend its files to another."""
    text = f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: ingress}}
spec:
  sources:
    - {{repoURL: "https://charts.example.com", chart: ingress-nginx, targetRevision: 4.11.0,
       helm: {{valueFiles: [$values/ingress/prod.yaml]}}}}
    - {{repoURL: "{URL}", targetRevision: main, ref: values}}
"""
    found = reach(tmp_path, {"argo/ingress.yaml": text, "ingress/prod.yaml": "a: 1"}, URL)
    (target,) = found.of([Touched("ingress/prod.yaml")])
    assert (target.name, target.declared_by) == ("ingress", False)
    (target,) = found.of([Touched("argo/ingress.yaml", ("4.11.0",))])
    assert (target.name, target.declared_by) == ("ingress", True)


def test_bases_and_components_of_an_overlay(tmp_path: Path) -> None:
    """An edit of a base or component reaches all overlays that are built on it, however deep."""
    files = {
        "argo/all.yaml": application("staging", "apps/overlays/staging")
        + "---\n"
        + application("production", "apps/overlays/production"),
        "apps/base/kustomization.yaml": "resources: [web.yaml]",
        "apps/base/web.yaml": "a: 1",
        "apps/middle/kustomization.yaml": "resources: [../base]\npatches: [{path: patch.yaml}]",
        "apps/middle/patch.yaml": "a: 1",
        "apps/components/tracing/kustomization.yaml": "kind: Component\nresources: [agent.yaml]",
        "apps/overlays/staging/kustomization.yaml": "resources: [../../middle]",
        "apps/overlays/production/kustomization.yaml": (
            "resources: [../../middle]\ncomponents: [../../components/tracing]\n"
            "configMapGenerator: [{name: settings, files: [app.conf=settings.conf]}]"
        ),
    }
    found = reach(tmp_path, files, URL)
    assert names(found.of([Touched("apps/base/web.yaml")])) == ["production", "staging"]
    assert names(found.of([Touched("apps/middle/patch.yaml")])) == ["production", "staging"]
    assert names(found.of([Touched("apps/components/tracing/agent.yaml")])) == ["production"]
    assert names(found.of([Touched("apps/overlays/production/settings.conf")])) == ["production"]
    assert names(found.of([Touched("apps/overlays/staging/kustomization.yaml")])) == ["staging"]


def test_kustomizations_in_a_circle(tmp_path: Path) -> None:
    """A circle, which Kustomize refuses, ends where it began."""
    files = {
        "argo/shop.yaml": application("shop", "a"),
        "a/kustomization.yaml": "resources: [../b]",
        "b/kustomization.yaml": "resources: [../a]",
    }
    assert names(reach(tmp_path, files, URL).of([Touched("b/kustomization.yaml")])) == ["shop"]


def test_paths_that_lead_out_of_the_repository(tmp_path: Path) -> None:
    """What a kustomization takes from elsewhere is nobody's file here."""
    files = {
        "argo/shop.yaml": application("shop", "a"),
        "a/kustomization.yaml": "resources: [../../outside, https://example.com/x.yaml, 'github.com/acme/x?ref=v1']",
    }
    assert names(reach(tmp_path, files, URL).of([Touched("outside/x.yaml")])) == []


def test_paths_that_the_application_names(tmp_path: Path) -> None:
    """``manifest-generate-paths`` counts: relative ones, those from the root, and patterns."""
    note = 'argocd.argoproj.io/manifest-generate-paths: ".;../shared;/common/*.yaml"'
    files = {
        "argo/shop.yaml": application("shop", "apps/shop", annotations=note),
        "apps/shop/web.yaml": "a: 1",
        "apps/shared/x.yaml": "a: 1",
        "common/labels.yaml": "a: 1",
    }
    found = reach(tmp_path, files, URL)
    for path in ("apps/shop/web.yaml", "apps/shared/x.yaml", "common/labels.yaml"):
        assert names(found.of([Touched(path)])) == ["shop"], path
    assert names(found.of([Touched("apps/sharedness/x.yaml")])) == []


def test_another_repository_is_not_this_one(tmp_path: Path) -> None:
    """A source with the same path in another repository is not reached."""
    text = application("shop", "apps/shop", url="https://git.example.com/acme/other.git")
    files = {
        "argo/shop.yaml": text,
        "argo/own.yaml": application("own", "apps/own"),
        "apps/shop/web.yaml": "a: 1",
        "apps/own/web.yaml": "a: 1",
    }
    assert names(reach(tmp_path, files, URL).of([Touched("apps/shop/web.yaml")])) == []
    assert names(reach(tmp_path, files).of([Touched("apps/shop/web.yaml")])) == ["shop"]


def test_a_mirror(tmp_path: Path) -> None:
    """Where no source has one of our addresses, reconcilers know the repository by another one."""
    files = {"argo/shop.yaml": application("shop", "apps/shop"), "apps/shop/web.yaml": "a: 1"}
    found = reach(tmp_path, files, "https://mirror.example.com/acme/gitops")
    assert names(found.of([Touched("apps/shop/web.yaml")])) == ["shop"]


def test_one_of_several_objects_in_a_file(tmp_path: Path) -> None:
    """An edit reaches the object that holds the version, not its neighbours in the file."""
    parts = [
        f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}}}\n"
        f"spec: {{source: {{repoURL: https://charts.example.com, chart: {name}, targetRevision: {version}}}}}\n"
        for name, version in (("ingress", "4.10.0"), ("cert-manager", "1.15.0"))
    ]
    found = reach(tmp_path, {"argo/all.yaml": "---\n".join(parts)}, URL)
    assert names(found.of([Touched("argo/all.yaml", ("4.10.0", "4.11.0"))])) == ["ingress"]
    assert names(found.of([Touched("argo/all.yaml")])) == ["cert-manager", "ingress"]


SET = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: apps, namespace: argocd}
spec:
  goTemplate: true
  generators:
    - GENERATOR
  template:
    metadata: {name: 'NAME'}
    spec:
      source:
        repoURL: https://git.example.com/acme/gitops.git
        path: 'PATH'
        targetRevision: main
        helm: {parameters: [{name: image.tag, value: '{{ .version }}'}]}
"""


def application_set(generator: str, name: str, path: str) -> str:
    return SET.replace("GENERATOR", generator).replace("NAME", name).replace("PATH", path)


def test_a_set_over_directories(tmp_path: Path) -> None:
    """A generator over directories gives an application for each that is there and not excluded."""
    generator = (
        "git: {repoURL: 'https://git.example.com/acme/gitops', "
        "directories: [{path: 'apps/*'}, {path: apps/old, exclude: true}]}"
    )
    files = {
        "argo/apps.yaml": application_set(generator, "{{ .path.basename }}", "{{ .path.path }}"),
        "apps/web/a.yaml": "a: 1",
        "apps/db/a.yaml": "a: 1",
        "apps/old/a.yaml": "a: 1",
    }
    found = reach(tmp_path, files, URL)
    assert names(found.targets) == ["db", "web"]
    (target,) = found.of([Touched("apps/web/a.yaml")])
    assert (target.full_name, target.declared_by) == ("Application argocd/web", False)


def test_a_set_over_a_list(tmp_path: Path) -> None:
    """The element that holds the version is the application that is reached, with its environment."""
    generator = "list: {elements: [{env: staging, version: 1.1.0}, {env: prod, version: 1.0.0}]}"
    text = application_set(generator, "shop-{{ .env }}", "charts/shop")
    found = reach(tmp_path, {"argo/shop.yaml": text, "charts/shop/Chart.yaml": "name: shop"}, URL)
    (target,) = found.of([Touched("argo/shop.yaml", ("1.0.0",))])
    assert (target.name, target.declared_by) == ("shop-prod", True)
    assert target.environment is not None
    assert target.environment.name == "production"
    assert names(found.of([Touched("charts/shop/Chart.yaml")])) == ["shop-prod", "shop-staging"]


def test_a_set_over_files(tmp_path: Path) -> None:
    """A file that a generator reads is a part of the object of the application it makes."""
    generator = "git: {repoURL: 'https://git.example.com/acme/gitops.git', files: [{path: 'config/*/app.json'}]}"
    files = {
        "argo/shop.yaml": application_set(generator, "shop-{{ index .path.segments 1 }}", "charts/shop"),
        "config/staging/app.json": '{"version": "1.1.0"}',
        "config/production/app.json": '{"version": "1.0.0"}',
    }
    found = reach(tmp_path, files, URL)
    (target,) = found.of([Touched("config/staging/app.json", ("1.1.0",))])
    assert (target.name, target.declared_by) == ("shop-staging", True)
    assert target.environment is not None
    assert target.environment.name == "staging"


def test_a_set_of_two_generators(tmp_path: Path) -> None:
    """A matrix gives every pair; a merge overrides where the keys agree."""
    one = "list: {elements: [{env: a}, {env: b}]}"
    two = "list: {elements: [{app: x}, {app: y}]}"
    matrix = f"matrix: {{generators: [{{{one}}}, {{{two}}}]}}"
    found = reach(tmp_path / "matrix", {"argo/all.yaml": application_set(matrix, "{{ .app }}-{{ .env }}", "c")}, URL)
    assert names(found.targets) == ["x-a", "x-b", "y-a", "y-b"]
    three = "list: {elements: [{env: b, app: z}]}"
    merge = f"merge: {{mergeKeys: [env], generators: [{{{one}}}, {{{three}}}]}}"
    text = application_set(merge, "{{ .env }}", "charts/{{ .app }}")
    found = reach(tmp_path / "merge", {"argo/all.yaml": text, "charts/z/Chart.yaml": "name: z"}, URL)
    assert names(found.of([Touched("charts/z/Chart.yaml")])) == ["b"]


def test_a_set_over_clusters(tmp_path: Path) -> None:
    """Which clusters there are only the cluster knows: the set stands for its applications."""
    text = application_set("clusters: {}", "shop-{{ .name }}", "charts/shop")
    found = reach(tmp_path, {"argo/shop.yaml": text, "charts/shop/Chart.yaml": "name: shop"}, URL)
    (target,) = found.of([Touched("charts/shop/values.yaml")])
    assert target.full_name == "ApplicationSet argocd/apps"


FLUX = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: NAME, namespace: flux-system}
spec:
  path: PATH
  sourceRef: {kind: GitRepository, name: flux-system}
"""
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: ingress}
spec:
  chart: {spec: {chart: ingress-nginx, version: 4.10.0, sourceRef: {kind: HelmRepository, name: ingress}}}
  valuesFrom: [{kind: ConfigMap, name: ingress-values}]
"""


def flux(name: str, path: str) -> str:
    return FLUX.replace("NAME", name).replace("PATH", path)


def test_kustomizations_of_flux(tmp_path: Path) -> None:
    """A Kustomization is reached by what its path is built from; without a kustomization, by all below."""
    files = {
        "clusters/prod/apps.yaml": flux("apps", "./apps/production"),
        "clusters/prod/infra.yaml": flux("infra", "infra"),
        "apps/production/kustomization.yaml": "resources: [../base]",
        "apps/base/kustomization.yaml": "resources: [web.yaml]",
        "apps/base/web.yaml": "a: 1",
        "infra/deep/x.yaml": "a: 1",
    }
    found = reach(tmp_path, files)
    (target,) = found.of([Touched("apps/base/web.yaml")])
    assert target.full_name == "Kustomization flux-system/apps"
    assert target.environment is not None
    assert target.environment.name == "production"
    assert names(found.of([Touched("infra/deep/x.yaml")])) == ["infra"]


def test_a_release_and_the_kustomization_that_applies_it(tmp_path: Path) -> None:
    """An edit of a release's object reaches it, and the Kustomization that brings it into the cluster."""
    files = {
        "clusters/prod/infra.yaml": flux("infra", "./infra"),
        "infra/kustomization.yaml": (
            "namespace: ingress\nresources: [ingress.yaml]\n"
            "configMapGenerator: [{name: ingress-values, files: [values.yaml]}]"
        ),
        "infra/ingress.yaml": RELEASE,
        "infra/values.yaml": "a: 1",
    }
    found = reach(tmp_path, files)
    reached = found.of([Touched("infra/ingress.yaml", ("4.10.0",))])
    assert [(each.full_name, each.declared_by) for each in reached] == [
        ("HelmRelease ingress/ingress", True),
        ("Kustomization flux-system/infra", False),
    ]
    assert names(found.of([Touched("infra/values.yaml")])) == ["ingress", "infra"]


def test_a_source_of_flux_that_is_another_repository(tmp_path: Path) -> None:
    """A Kustomization of another repository is not ours, whatever its path."""
    source = (
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: flux-system}\n"
        "spec: {url: 'https://git.example.com/acme/other'}\n"
    )
    files = {"flux/apps.yaml": flux("apps", "./apps"), "flux/source.yaml": source, "apps/x.yaml": "a: 1"}
    assert names(reach(tmp_path, files, URL).of([Touched("apps/x.yaml")])) == []


def test_a_kustomization_of_an_artifact(tmp_path: Path) -> None:
    """Made from a directory that is here too, it is taken for ours; of a whole artifact nobody knows what it holds."""
    apps, whole = (
        flux(name, path).replace("GitRepository", "OCIRepository")
        for name, path in (("apps", "./apps"), ("whole", "./"))
    )
    assert "OCIRepository" in apps
    found = reach(tmp_path, {"flux/apps.yaml": apps, "flux/whole.yaml": whole, "apps/web.yaml": "a: 1\n"})
    assert names(found.of([Touched("apps/web.yaml")])) == ["apps"]


def test_terraform_roots(tmp_path: Path) -> None:
    """A root is reached by its files, its lock file and the modules of the repository that it uses."""
    files = {
        "live/prod/main.tf": 'terraform {\n  backend "s3" {}\n}\nmodule "net" {\n  source = "../../modules/net"\n}\n',
        "live/staging/main.tf": 'provider "aws" {\n}\n',
        "modules/net/main.tf": 'module "sub" {\n  source = "./sub"\n}\n',
        "modules/net/sub/versions.tf": "",
    }
    found = reach(tmp_path, files)
    assert names(found.of([Touched("modules/net/sub/versions.tf")])) == ["live/prod/default"]
    assert names(found.of([Touched("live/staging/.terraform.lock.hcl")])) == ["live/staging/default"]


def test_projects_of_atlantis(tmp_path: Path) -> None:
    """Its configuration names the projects, as its commit statuses do."""
    files = {
        "atlantis.yaml": (
            "version: 3\nprojects:\n- {name: network, dir: live/net, workspace: prod}\n"
            "- {dir: live/net, workspace: staging, autoplan: {when_modified: [../../versions.json, '*.tf']}}\n"
        ),
        "live/net/main.tf": 'terraform {\n  backend "s3" {}\n}\n',
    }
    found = reach(tmp_path, files)
    assert names(found.of([Touched("live/net/main.tf")])) == ["live/net/staging", "network"]
    assert names(found.of([Touched("versions.json")])) == ["live/net/staging"]


@pytest.mark.parametrize(
    "text",
    [
        "{" * 100_000 + "argoproj.io/",
        "a: &a [argoproj.io/]\nb: &b [*a, *a]\nc: *c",
        "argoproj.io/: [\x00",
        "kind: Application\napiVersion: argoproj.io/v1alpha1\nmetadata: []\nspec: x",
        "kind: ApplicationSet\napiVersion: argoproj.io/v1\nmetadata: {name: x}\nspec: {generators: [1, {list: 2}]}",
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: x}\nspec: {path: ../..}",
    ],
)
def test_hostile_files_reach_nothing(tmp_path: Path, text: str) -> None:
    """What is too deep, broken or of another shape is passed over."""
    found = reach(tmp_path, {"argo/x.yaml": text, "argo/kustomization.yaml": text, "apps/a.yaml": "a: 1"}, URL)
    assert names(found.of([Touched("apps/a.yaml")])) == []


def test_a_broken_document_does_not_hide_its_neighbours(tmp_path: Path) -> None:
    """Documents are read one by one."""
    text = "a: [argoproj.io/\n---\n" + application("shop", "apps/shop")
    found = reach(tmp_path, {"argo/x.yaml": text, "apps/shop/a.yaml": "a: 1"}, URL)
    assert names(found.of([Touched("apps/shop/a.yaml")])) == ["shop"]
