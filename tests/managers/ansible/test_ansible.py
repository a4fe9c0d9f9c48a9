"""The manager of Ansible's files."""

import pytest

from managers import ansible
from tests.managers.pages import example
from tests.managers.reading import dependencies, found, skipped
from updater.api import SourceFile

TASKS, DEFAULTS = "roles/x/tasks/main.yml", "roles/x/defaults/main.yml"


def file(text: str, path: str = TASKS) -> SourceFile:
    return SourceFile(path=path, text=text)


def values(text: str, path: str = TASKS) -> list[tuple[str, str | None]]:
    return [(name, value) for _, name, value in found(ansible, file(text, path))]


def test_the_example_works() -> None:
    """Everything in the example on the user page is found, wherever the file is."""
    page = example(ansible, "site.yml")

    assert sorted(name for _, name, _ in found(ansible, page)) == [
        "acme/agent",
        "acme/scripts",
        "cert-manager",
        "nginx",
        "quay.io/acme/web",
        "quay.io/prometheus/node-exporter",
    ]
    assert skipped(ansible, page) == []


@pytest.mark.parametrize(
    "text",
    [
        "- docker_container: {name: x, image: 'a/b:1.2'}\n",
        "- community.docker.docker_container: name=x image=a/b:1.2 state=started\n",
        "- docker_image: name=a/b:1.2 source=pull\n",
        "- containers.podman.podman_image:\n    name: a/b\n    tag: 1.2\n",
        "---\n# why\n- block:\n    - docker_swarm_service: {image: 'a/b:1.2'}\n",
        "- docker_image: {name: '{{ item }}'}\n  loop: ['a/b:1.2']\n",
        "- k8s: {definition: {spec: {containers: [{image: 'a/b:1.2'}]}}}\n",
        "- set_fact: {x_image: 'a/b:1.2'}\n",
        "  - docker_container:\n      image: a/b:1.2\n  - x: {}\n",
        "- docker_container: {image: 'a/b:{{ tag }}'}\n  vars: {tag: 1.2}\n",
        "- docker_container: {image: \"a/b:{{ tag | default('1.2') }}\"}\n",
    ],
)
def test_tasks(text: str) -> None:
    """An image is found in modules of containers and of Kubernetes, free-form arguments, loops and variables."""
    assert values(text) == [("a/b", "1.2")]


@pytest.mark.parametrize(
    "text",
    [
        "x_image: a/b:1.2\n",
        "x_image: a/b\nx_image_tag: 1.2\n",
        "x_image: a/b\nx_version: 1.2\n",
        'x_image: "a/b:{{ x_version }}"\nx_version: 1.2\n',
        'x_image: "{{ repo }}:{{ tag }}"\nrepo: a/b\ntag: "{{ version }}"\nversion: 1.2\n',
        'x_image_repo: "{{ host }}a/b"\nx_image_tag: "{{ v }}"\nhost: docker.io/\nv: 1.2\n',
        "x:\n  - image: {repository: a/b, tag: 1.2}\n",
    ],
)
def test_variables(text: str) -> None:
    """An image is found in variables called so, and a variable in it is followed within the file."""
    assert [(name.removeprefix("docker.io/"), value) for name, value in values(text, DEFAULTS)] == [("a/b", "1.2")]
    assert values(text, "elsewhere/main.yml") == []


def test_fixed_parts_of_a_tag_stay() -> None:
    """Of a tag with a variable in it the variable moves."""
    (item,) = dependencies(ansible, file('x_image: "a:{{ v }}-alpine"\nv: 1.2\n', DEFAULTS))

    assert (item.current_value, item.extract_version) == ("1.2", r"^(?<version>.+)\-alpine$")


@pytest.mark.parametrize(
    ("text", "path", "reason"),
    [
        ("- docker_container: {image: '{{ x }}'}\n", TASKS, "contains a template"),
        ("- docker_container: {image: a}\n", TASKS, "no tag"),
        ('x_image: "a:{{ x_version }}"\n', DEFAULTS, "contains a template"),
        ('x_image: "{{ x_image }}:1"\n', DEFAULTS, "contains a template"),
        ("x_image: [\n", DEFAULTS, "not valid YAML: did not find expected node content at line 2"),
    ],
)
def test_what_is_not_managed(text: str, path: str, reason: str) -> None:
    """Images whose variables are defined elsewhere, or that have no tag, are listed with the reason."""
    assert [row[2] for row in skipped(ansible, file(text, path))] == [reason]
    assert values(text, path) == []


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("- name: x\n  image: a/b:1.2\n", "gallery/photos.yml"),
        ("- hcloud_server: {image: ubuntu-24.04}\n", TASKS),
        ("- docker_image: {name: 'a/b:1.2', source: build}\n", TASKS),
        ("background_image: /srv/login.png\nos_image: ubuntu-24.04\n", DEFAULTS),
        ("apiVersion: v1\nkind: Pod\nspec: {image: 'a:1'}\n", DEFAULTS),
        ("x_version: 1.2\nimage_count: 3\n", DEFAULTS),
    ],
)
def test_what_is_no_image(text: str, path: str) -> None:
    """Lists of others, machine images, own builds and pictures are left alone."""
    assert list(ansible.extract(file(text, path))) == []


def test_a_broken_task_does_not_hide_the_next_one() -> None:
    """Each item of a list is read by itself."""
    text = "- docker_container: {image: 'a\n- docker_container: {image: 'b:1.2'}\n"

    assert values(text) == [("b", "1.2")]
    assert [row[2][:14] for row in skipped(ansible, file(text))] == ["not valid YAML"]


def test_platforms_of_molecule() -> None:
    """The images that roles are tested on are found, and the default of a variable where it stands."""
    text = (
        "driver: {name: docker}\nplatforms:\n"
        "  - {name: a, image: 'a/b:1.2'}\n"
        '  - {name: b, image: "${IMAGE:-a/c:1.3}"}\n'
        '  - {name: c, image: "a/d-${DISTRO:-rocky9}:1.4"}\n'
        "  - {name: d, box: a/e}\n  - {name: e, image: }\n"
    )

    assert found(ansible, file(text, "molecule/default/molecule.yml")) == [
        (3, "a/b", "1.2"),
        (4, "a/c", "1.3"),
        (5, "a/d-rocky9", "1.4"),
    ]
    assert not found(ansible, file(text, "molecule/default/other.yml"))


RELEASES = "https://github.com/acme/agent/releases/download"


@pytest.mark.parametrize(
    ("text", "path", "value", "pattern"),
    [
        (f"- get_url: {{url: '{RELEASES}/v1.2.3/agent'}}\n", TASKS, "v1.2.3", None),
        (f"- shell: kubectl apply -f {RELEASES}/v1.2.3/a.yaml\n", TASKS, "v1.2.3", None),
        (
            f"- get_url: {{url: '{RELEASES}/v{{{{ v }}}}/a'}}\n  vars: {{v: 1.2.3}}\n",
            TASKS,
            "1.2.3",
            "^v(?<version>.+)$",
        ),
        (f"v: 1.2.3\nurl: '{RELEASES}/v{{{{ v }}}}/a-{{{{ v }}}}.tgz'\n", DEFAULTS, "1.2.3", "^v(?<version>.+)$"),
        (
            "o: acme\nv: 1.2.3\nurl: https://github.com/{{ o }}/agent/releases/download/v{{ v }}/a-{{ arch }}\n",
            *(DEFAULTS, "1.2.3", "^v(?<version>.+)$"),
        ),
        (f"urls:\n  - {RELEASES}/1.2.3/agent\n", "group_vars/all.yml", "1.2.3", None),
    ],
)
def test_downloads(text: str, path: str, value: str, pattern: str | None) -> None:
    """The version in an address moves where it is written."""
    (item,) = dependencies(ansible, file(text, path))

    assert (item.package.datasource, item.name, item.dep_type) == ("github-releases", "acme/agent", "download")
    assert (item.current_value, item.extract_version) == (value, pattern)


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        (f"- get_url: {{url: '{RELEASES}/v{{{{ v }}}}/agent'}}\n", []),
        (f"# {RELEASES}/v1.2.3/agent\n- get_url: {{url: 'https://github.com/acme/agent/archive/main.tar.gz'}}\n", []),
        (f"- get_url: {{url: '{RELEASES}/v1.2.3/agent-1.2.3'}}\n", ["the address holds the version twice"]),
        (
            f"- get_url: {{url: '{RELEASES}/v1.2.3/agent', checksum: 'sha256:{'0f' * 32}'}}\n",
            ["its checksum stands beside it"],
        ),
    ],
)
def test_downloads_that_stay(text: str, reasons: list[str]) -> None:
    """What is handed in, commented out, bound to a checksum or a branch is not moved."""
    assert found(ansible, file(text)) == []
    assert [reason for _, _, reason in skipped(ansible, file(text))] == reasons


def test_distributions_of_kubernetes() -> None:
    """The suffix of a version tells whose it is."""
    text = "k3s_version: v1.30.2+k3s1\nrke2_version: v1.29.5+rke2r1\nk0s: {version: v1.30.1+k0s.0}\nother: 1.2.3+4\n"

    assert [(name, value) for _, name, value in found(ansible, file(text, "inventory/group_vars/all.yml"))] == [
        ("k3s-io/k3s", "v1.30.2+k3s1"),
        ("rancher/rke2", "v1.29.5+rke2r1"),
        ("k0sproject/k0s", "v1.30.1+k0s.0"),
    ]


ADDED = "- kubernetes.core.helm_repository: {name: acme, repo_url: 'https://charts.acme.example'}\n"


@pytest.mark.parametrize(
    ("text", "datasource", "name", "registry"),
    [
        (
            f"{ADDED}- kubernetes.core.helm: {{chart_ref: acme/web, chart_version: 1.2.3}}\n",
            "helm",
            "web",
            "https://charts.acme.example",
        ),
        (
            "- helm: {chart_ref: web, chart_repo_url: 'https://a.example', chart_version: 1.2.3}\n",
            "helm",
            "web",
            "https://a.example",
        ),
        ("- helm: {chart_ref: 'oci://ghcr.io/acme/web', chart_version: 1.2.3}\n", "docker", "ghcr.io/acme/web", None),
        (
            "- helm: {chart_ref: stable/web, chart_version: '{{ v }}'}\n  vars: {v: 1.2.3}\n",
            "helm",
            "web",
            "https://charts.helm.sh/stable",
        ),
        (
            "- ansible.builtin.git: {repo: 'https://github.com/acme/web.git', version: 1.2.3}\n",
            "github-tags",
            "acme/web",
            None,
        ),
    ],
)
def test_charts_and_repositories(text: str, datasource: str, name: str, registry: str | None) -> None:
    """Charts that a task installs, and repositories that it checks out, are found."""
    (item,) = dependencies(ansible, file(text))

    assert (item.package.datasource, item.package.name, item.current_value) == (datasource, name, "1.2.3")
    assert item.package.registry_urls == ((registry,) if registry else ())


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("- helm: {chart_ref: /opt/charts/web, chart_version: 1.2.3}\n", ["local chart"]),
        ("- helm: {chart_ref: acme/web, chart_version: '{{ v }}'}\n", ["contains a template"]),
        ("- git: {repo: 'https://github.com/acme/web.git', version: main}\n", ["follows a branch"]),
        ("- git: {repo: '{{ url }}', version: v1.2.3}\n", ["contains a template"]),
    ],
)
def test_charts_and_repositories_that_stay(text: str, reasons: list[str]) -> None:
    """Directories, branches and what is handed in are listed."""
    assert found(ansible, file(text)) == []
    assert [reason for _, _, reason in skipped(ansible, file(text))] == reasons


def test_images_in_the_values_of_charts() -> None:
    """Values that a task gives to a chart are read as values."""
    text = "- helm:\n    chart_ref: ./web\n    values: {image: {repository: a/b, tag: 1.2}}\n"

    assert values(text) == [("a/b", "1.2")]


def test_names_whose_beginning_is_elsewhere() -> None:
    """A namespace or a registry in a variable of its own is not guessed to be in front of the name."""
    text = "x_ns: quay.io/ceph\nx_image: ceph\nx_tag: v16\ny_registry: quay.io\ny_image: ghcr.io/a/b\ny_tag: 1.2\n"

    assert values(text, DEFAULTS) == [("ghcr.io/a/b", "1.2")]
    assert [reason for _, _, reason in skipped(ansible, file(text, DEFAULTS))] == [
        "a part of the name is in another variable"
    ]
