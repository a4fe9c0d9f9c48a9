"""CPU time of all built-in managers on generated manifests, in one process.

    python -m benchmarks.scan [--manifests 1000] [--rounds 5] [--profile]

The manifests are what GitOps repositories hold: workloads of 1 to 3 KB with images, and the services, config maps,
ingresses, applications, kustomizations and values around them. The minimum of the rounds counts: machines are noisy.
"""

import argparse
import cProfile
import gc
import pstats
import random
import tempfile
import time
from fnmatch import fnmatch
from pathlib import Path

from managers import BUILTIN
from updater.api import Dependency, Manager, SourceFile

TEAMS = ("shop", "payments", "search", "identity", "media", "platform")
NAMES = ("api", "web", "worker", "importer", "exporter", "scheduler", "gateway", "indexer", "mailer", "reports")


def write_manifests(directory: Path, count: int) -> int:
    """Write ``count`` files below ``directory``, always the same ones; the result is how many versions they hold."""
    versions = 0
    for number in range(count):
        chance = random.Random(number)
        path, text, found = chance.choices(_KINDS, _WEIGHTS)[0](chance, number)
        place = directory / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        versions += found
    return versions


def version(chance: random.Random) -> str:
    """Any version of three numbers."""
    return f"{chance.randint(0, 4)}.{chance.randint(0, 30)}.{chance.randint(0, 12)}"


def _named(chance: random.Random, number: int) -> tuple[str, str, str]:
    """A directory, a namespace and a name."""
    team, name = chance.choice(TEAMS), f"{chance.choice(NAMES)}-{number}"
    return f"apps/{chance.choice(('staging', 'production'))}/{team}/{name}", team, name


def metadata(namespace: str, name: str) -> str:
    """The metadata of an object."""
    return f"""\
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: {namespace}
    app.kubernetes.io/managed-by: argocd
"""


def container(chance: random.Random, name: str, image: str) -> str:
    """A container of a workload, as an item of its list."""
    variables = "".join(
        f'            - name: {name.upper().replace("-", "_")}_SETTING_{index}\n              value: "{index * 7}"\n'
        for index in range(chance.randint(2, 8))
    )
    return f"""\
        - name: {name}
          image: {image}
          ports:
            - name: http
              containerPort: 8080
          env:
{variables}\
          resources:
            requests: {{cpu: 100m, memory: 128Mi}}
            limits: {{memory: 512Mi}}
          readinessProbe:
            httpGet: {{path: /healthz, port: http}}
          volumeMounts:
            - name: config
              mountPath: /etc/{name}
              readOnly: true
"""


def _workload(chance: random.Random, number: int) -> tuple[str, str, int]:
    directory, namespace, name = _named(chance, number)
    images = chance.randint(1, 3)
    containers = "".join(
        container(chance, f"{name}-{index}", f"ghcr.io/acme/{name}-{index}:{version(chance)}")
        for index in range(images)
    )
    text = f"""\
apiVersion: apps/v1
kind: {chance.choice(("Deployment", "StatefulSet", "DaemonSet"))}
{metadata(namespace, name)}\
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
        seccompProfile:
          type: RuntimeDefault
      containers:
{containers}\
      volumes:
        - name: config
          configMap:
            name: {name}
"""
    return f"{directory}/workload.yaml", text, images


def _service(chance: random.Random, number: int) -> tuple[str, str, int]:
    directory, namespace, name = _named(chance, number)
    text = f"""\
apiVersion: v1
kind: Service
{metadata(namespace, name)}\
spec:
  selector:
    app.kubernetes.io/name: {name}
  ports:
    - name: http
      port: 80
      targetPort: http
---
apiVersion: networking.k8s.io/v1
kind: Ingress
{metadata(namespace, name)}\
spec:
  ingressClassName: nginx
  rules:
    - host: {name}.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {name}
                port:
                  name: http
"""
    return f"{directory}/service.yaml", text, 0


def _config_map(chance: random.Random, number: int) -> tuple[str, str, int]:
    directory, namespace, name = _named(chance, number)
    settings = "".join(f"    setting.{index} = {chance.random():.6f}\n" for index in range(chance.randint(20, 60)))
    text = f"apiVersion: v1\nkind: ConfigMap\n{metadata(namespace, name)}data:\n  application.properties: |\n{settings}"
    return f"{directory}/config.yaml", text, 0


def _application(chance: random.Random, number: int) -> tuple[str, str, int]:
    _, namespace, name = _named(chance, number)
    text = f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
{metadata("argocd", name)}\
spec:
  project: {namespace}
  source:
    repoURL: https://charts.example.com/{namespace}
    chart: {name}
    targetRevision: {version(chance)}
    helm:
      valuesObject:
        replicaCount: {chance.randint(1, 4)}
        image:
          repository: ghcr.io/acme/{name}
          tag: {version(chance)}
        resources:
          requests: {{cpu: 50m, memory: 64Mi}}
  destination:
    server: https://kubernetes.default.svc
    namespace: {namespace}
  syncPolicy:
    automated: {{prune: true, selfHeal: true}}
"""
    return f"platform/{name}/application.yaml", text, 2


def _kustomization(chance: random.Random, number: int) -> tuple[str, str, int]:
    directory, namespace, name = _named(chance, number)
    text = f"""\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: {namespace}
resources:
  - workload.yaml
  - service.yaml
  - https://github.com/acme/bases//{name}?ref=v{version(chance)}
images:
  - name: {name}
    newName: ghcr.io/acme/{name}
    newTag: {version(chance)}
"""
    return f"{directory}/kustomization.yaml", text, 2


def _values(chance: random.Random, number: int) -> tuple[str, str, int]:
    directory, _, name = _named(chance, number)
    text = f"""\
replicaCount: {chance.randint(1, 4)}
image:
  repository: ghcr.io/acme/{name}
  tag: {version(chance)}
  pullPolicy: IfNotPresent
service: {{type: ClusterIP, port: 80}}
ingress:
  enabled: true
  hosts:
    - {name}.example.com
metrics:
  enabled: true
  image: prom/statsd-exporter:v{version(chance)}
"""
    return f"{directory}/values.yaml", text, 2


_KINDS = (_workload, _service, _config_map, _application, _kustomization, _values)
_WEIGHTS = (45, 20, 12, 8, 10, 5)


# ---------------------------------------------------------------- measuring


def read(directory: Path) -> list[SourceFile]:
    """The files below ``directory``."""
    return [
        SourceFile(path=path.relative_to(directory).as_posix(), text=path.read_text())
        for path in sorted(directory.rglob("*.yaml"))
    ]


def readings(files: list[SourceFile]) -> list[tuple[Manager, SourceFile]]:
    """Each file with each manager whose names and markers admit it; choosing them is the core's work."""
    return [
        (manager, file)
        for file in files
        for manager in BUILTIN
        if any(fnmatch(file.path.rpartition("/")[2], pattern) for pattern in manager.FILES)
        and (not manager.MARKERS or any(marker in file.text for marker in manager.MARKERS))
    ]


def scan(files: list[tuple[Manager, SourceFile]]) -> int:
    """How many versions the managers find."""
    return sum(isinstance(item, Dependency) for manager, file in files for item in manager.extract(file))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--manifests", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", action="store_true", help="show where the time goes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        expected = write_manifests(Path(place), options.manifests)
        files = read(Path(place))
    chosen = readings(files)
    gc.disable()  # as the scan stage does
    best = float("inf")
    for _ in range(options.rounds):
        start = time.process_time()
        found = scan(chosen)
        best = min(best, time.process_time() - start)
    size = sum(len(file.text) for file in files)
    print(f"{len(files)} files, {size / 1e6:.2f} MB: {found} of {expected} versions in {best:.3f} s of CPU time")
    if options.profile:
        profile = cProfile.Profile()
        profile.runcall(scan, chosen)
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
