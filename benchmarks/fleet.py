"""A large repository as fleets are kept in: many applications and stacks in two environments, few packages.

10,000 files of 25 MB, 16 of which are bundles of definitions of 1 MB each. Three quarters of the contents are distinct,
because environments share files; 9,502 versions are of some 700 packages.
"""

import random
from collections.abc import Iterator
from pathlib import Path

from benchmarks.scan import container, metadata, version

_ENVIRONMENTS = ("staging", "production")
_TEAMS = ("shop", "payments", "search", "identity", "media", "platform", "data", "mobile")
_BUNDLES, _BUNDLE_SIZE = 16, 1_000_000

_IMAGES = [f"ghcr.io/acme/{team}-{number}" for team in _TEAMS for number in range(40)]
_PUBLIC = [f"quay.io/vendor/tool-{number}" for number in range(120)]
_CHARTS = [(f"https://charts.example.com/{team}", f"{team}-{number}") for team in _TEAMS for number in range(15)]
_MODULES = [f"terraform-aws-modules/part-{number}/aws" for number in range(50)]
_PROVIDERS = [f"hashicorp/cloud{number}" for number in range(30)]
_BASES = [f"https://github.com/acme/base-{number}" for number in range(40)]
_ACTIONS = [f"acme/action-{number}" for number in range(14)]


def write_fleet(directory: Path, count: int = 10_000) -> int:
    """Write ``count`` files below ``directory``, always the same ones; the result is how many versions they hold."""
    versions = 0
    for written, (path, text, found) in enumerate(_files()):
        if written == count:
            break
        place = directory / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        versions += found
    return versions


def _files() -> Iterator[tuple[str, str, int]]:
    """Path, text and number of versions of each file, without end; the large ones first."""
    for number in range(_BUNDLES):
        yield f"infrastructure/crds/bundle-{number}.yaml", _bundle(number), 0
    number = 0
    while True:
        number += 1
        chance = random.Random(number)
        if number % 9 == 0:
            yield from _stack(chance, number)
        else:
            yield from _application(chance, number)


# ---------------------------------------------------------------- applications


def _application(chance: random.Random, number: int) -> Iterator[tuple[str, str, int]]:
    """What one application has: shared files in its base and, for each environment, an overlay."""
    team = chance.choice(_TEAMS)
    name = f"{team}-app-{number}"
    shared = (
        ("service.yaml", _service(team, name), 0),
        ("network-policy.yaml", _policy(team), 0),
    )
    for environment in _ENVIRONMENTS:
        place = f"apps/{environment}/{team}/{name}"
        kind = number % 4
        if kind == 0:
            yield f"{place}/release.yaml", _release(chance, team, name), 2
            yield f"{place}/values.yaml", _values(chance), 3
        elif kind == 1:
            yield f"{place}/application.yaml", _argo(chance, team, name), 2
            yield f"{place}/values-{environment}.yaml", _values(chance), 3
        else:
            yield f"{place}/workload.yaml", *_workload(chance, team, name)
            yield f"{place}/kustomization.yaml", _kustomization(chance, team), 3
        yield f"{place}/config.yaml", _config_map(chance, team, name), 0
        for file, text, found in shared:
            yield f"{place}/{file}", text, found
    if number % 2:
        yield f"apps/README-{name}.md", f"# {name}\n\nOwned by {team}. " + "How to run it, and whom to ask. " * 60, 0
    else:
        yield f"dashboards/{name}.json", _dashboard(chance, name), 0


def _workload(chance: random.Random, team: str, name: str) -> tuple[str, int]:
    images = chance.randint(1, 3)
    containers = "".join(
        container(chance, f"{name}-{index}", f"{chance.choice(_IMAGES if index == 0 else _PUBLIC)}:{version(chance)}")
        for index in range(images)
    )
    text = f"""\
apiVersion: apps/v1
kind: {chance.choice(("Deployment", "StatefulSet"))}
{metadata(team, name)}\
spec:
  replicas: {chance.randint(1, 6)}
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
    spec:
      serviceAccountName: {name}
      securityContext:
        runAsNonRoot: true
      containers:
{containers}"""
    return text, images


def _kustomization(chance: random.Random, team: str) -> str:
    return f"""\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: {team}
resources:
  - workload.yaml
  - service.yaml
  - network-policy.yaml
  - {chance.choice(_BASES)}//deploy?ref=v{version(chance)}
images:
  - name: {chance.choice(_PUBLIC)}
    newTag: {version(chance)}
  - name: app
    newName: {chance.choice(_IMAGES)}
    newTag: {version(chance)}
"""


def _service(team: str, name: str) -> str:
    return f"""\
apiVersion: v1
kind: Service
{metadata(team, name)}\
spec:
  selector:
    app.kubernetes.io/name: {name}
  ports:
    - name: http
      port: 80
      targetPort: http
"""


def _policy(team: str) -> str:
    return f"""\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default
  namespace: {team}
spec:
  podSelector: {{}}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: ingress
"""


def _config_map(chance: random.Random, team: str, name: str) -> str:
    settings = "".join(f"    setting.{index} = {chance.random():.6f}\n" for index in range(chance.randint(20, 60)))
    return f"apiVersion: v1\nkind: ConfigMap\n{metadata(team, name)}data:\n  application.properties: |\n{settings}"


def _values(chance: random.Random) -> str:
    return f"""\
replicaCount: {chance.randint(1, 4)}
image:
  repository: {chance.choice(_IMAGES)}
  tag: {version(chance)}
  pullPolicy: IfNotPresent
service: {{type: ClusterIP, port: 80}}
ingress:
  enabled: true
  className: nginx
metrics:
  enabled: true
  image: {chance.choice(_PUBLIC)}:v{version(chance)}
sidecar:
  image:
    registry: quay.io
    repository: {chance.choice(_PUBLIC).removeprefix("quay.io/")}
    tag: {version(chance)}
"""


def _argo(chance: random.Random, team: str, name: str) -> str:
    repository, chart = chance.choice(_CHARTS)
    return f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
{metadata("argocd", name)}\
spec:
  project: {team}
  source:
    repoURL: {repository}
    chart: {chart}
    targetRevision: {version(chance)}
    helm:
      valuesObject:
        replicaCount: {chance.randint(1, 4)}
        image:
          repository: {chance.choice(_IMAGES)}
          tag: {version(chance)}
  destination:
    server: https://kubernetes.default.svc
    namespace: {team}
  syncPolicy:
    automated: {{prune: true, selfHeal: true}}
"""


def _release(chance: random.Random, team: str, name: str) -> str:
    repository, chart = chance.choice(_CHARTS)
    return f"""\
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata:
  name: {name}
  namespace: {team}
spec:
  interval: 1h
  url: {repository}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
{metadata(team, name)}\
spec:
  interval: 30m
  chart:
    spec:
      chart: {chart}
      version: {version(chance)}
      sourceRef:
        kind: HelmRepository
        name: {name}
  values:
    image:
      repository: {chance.choice(_IMAGES)}
      tag: {version(chance)}
"""


def _dashboard(chance: random.Random, name: str) -> str:
    panels = ",\n".join(
        f'    {{"id": {index}, "title": "Panel {index}", "type": "graph", "span": {chance.randint(1, 12)}}}'
        for index in range(50)
    )
    return f'{{\n  "title": "{name}",\n  "panels": [\n{panels}\n  ]\n}}\n'


# ---------------------------------------------------------------- infrastructure


def _stack(chance: random.Random, number: int) -> Iterator[tuple[str, str, int]]:
    """A Terraform root for each environment, and now and then a workflow."""
    variables = 'variable "region" {\n  type    = string\n  default = "eu-central-1"\n}\n'
    for environment in _ENVIRONMENTS:
        place = f"infrastructure/{environment}/stack-{number}"
        yield f"{place}/main.tf", _main(chance), 2
        yield f"{place}/versions.tf", _providers(chance), 2
        yield f"{place}/variables.tf", variables, 0
    yield f".github/workflows/stack-{number}.yaml", _workflow(chance, number), 2


def _main(chance: random.Random) -> str:
    return "".join(
        f"""\
module "part_{index}" {{
  source  = "{chance.choice(_MODULES)}"
  version = "{version(chance)}"

  region = var.region
  tags = {{
    team = "{chance.choice(_TEAMS)}"
  }}
}}

"""
        for index in range(2)
    )


def _providers(chance: random.Random) -> str:
    provider = chance.choice(_PROVIDERS)
    return f"""\
terraform {{
  required_version = ">= 1.{chance.randint(3, 9)}.0"

  required_providers {{
    {provider.rpartition("/")[2]} = {{
      source  = "{provider}"
      version = "~> {chance.randint(1, 5)}.{chance.randint(0, 40)}"
    }}
  }}
}}
"""


def _workflow(chance: random.Random, number: int) -> str:
    return f"""\
name: stack {number}
on:
  push:
    paths: ["infrastructure/*/stack-{number}/**"]
jobs:
  plan:
    runs-on: ubuntu-latest
    steps:
      - uses: {chance.choice(_ACTIONS)}@v{chance.randint(1, 5)}
      - uses: {chance.choice(_ACTIONS)}@v{version(chance)}
      - run: make plan STACK=stack-{number}
"""


# ---------------------------------------------------------------- what others wrote


def _bundle(number: int) -> str:
    """Custom resource definitions as operators publish them, of one megabyte."""
    definitions: list[str] = []
    size = 0
    while size < _BUNDLE_SIZE:
        definitions.append(_definition(number, len(definitions)))
        size += len(definitions[-1])
    return "---\n".join(definitions)


_DESCRIPTIONS = (
    "The name of the image of the container.\n{0}More info: https://kubernetes.io/docs/concepts/containers/images",
    "The Secret in the same namespace that holds the password. It is ignored if there is no user.",
    "Whether the controller gives up when it has tried as often as the limit says. Defaults to false.",
    "The labels that a pod needs to have so that it is selected. Unless there are\n{0}expressions, all have to match.",
    "The period in seconds between two probes of the container. Minimum value is 1.",
)


def _definition(bundle: int, index: int) -> str:
    fields = "".join(
        f"""\
                field{field}:
                  description: |-
                    {_DESCRIPTIONS[field % len(_DESCRIPTIONS)].format(" " * 20)}
                  type: string
"""
        for field in range(150)
    )
    return f"""\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  annotations:
    controller-gen.kubebuilder.io/version: v0.14.0
  name: things{index}.group{bundle}.example.com
spec:
  group: group{bundle}.example.com
  names:
    kind: Thing{index}
    plural: things{index}
  scope: Namespaced
  versions:
    - name: v1
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
{fields}\
      served: true
      storage: true
"""
