"""The manager of templates."""

import pytest

from managers import templates
from tests.managers.pages import example
from tests.managers.reading import found, skipped
from updater.api import SourceFile


def template(text: str, path: str = "app.yaml.j2") -> SourceFile:
    return SourceFile(path=path, text=text)


def test_the_example_works() -> None:
    """What the user page shows is found."""
    assert found(templates, example(templates, "docker-compose.yml.j2")) == [
        (4, "traefik", "v3.1.0"),
        (7, "ghcr.io/acme/app", "2.4.1"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "image: a/b:1.2\n",
        "\ufeffimage: a/b:1.2\n",
        "    - image: 'a/b:1.2' # the newest\n",
        "{% if x %}\n\timage: a/b:1.2\r\n{% endif %}\n",
        '  "image": "a/b:1.2",\n',
        "webImage: a/b:1.2\n",
        'image: {{ image | default("a/b:1.2") }}\n',
        "image: '{{ image | default('a/b:1.2', true) }}'\n",
        'image: {{ default "a/b:1.2" .Values.image | quote }}\n',
        '{{ .Values.sidecar | default "a/b:1.2" }}\n',
    ],
)
def test_images(text: str) -> None:
    """An image with a tag stands behind a key of that name, or is what a template falls back on."""
    assert [(name, value) for _, name, value in found(templates, template(text))] == [("a/b", "1.2")]


@pytest.mark.parametrize(
    "text",
    [
        "image: a/b\n",
        "image: a/b:{{ tag }}\n",
        "image: {{ image }}\n",
        "imagePullPolicy: Always\n",
        "# image: a/b:1.2\n",
        "# {{ image | default('a/b') }}\n",
        '{{ .Values.address | default "localhost:8080" }}\n',
        "message: the image: a/b:1.2 is old\n",
    ],
)
def test_no_images(text: str) -> None:
    """What has no tag, or is no image, is left alone."""
    assert (found(templates, template(text)), skipped(templates, template(text))) == ([], [])


@pytest.mark.parametrize("name", ["{{ registry }}/b:1.2", "${registry}/b:1.2", "'<%= registry %>/b:1.2'"])
def test_a_name_that_is_not_known(name: str) -> None:
    """A version behind a name that only the variables know is listed."""
    assert skipped(templates, template(f"image: {name}\n"))[0][2] == "contains a template"


@pytest.mark.parametrize("path", ["Dockerfile.j2", "web.dockerfile.tmpl", "README.md.tpl", "install.sh.j2"])
def test_templates_for_other_files(path: str) -> None:
    """Templates for Dockerfiles, prose and programs are none of these."""
    assert found(templates, template("image: a/b:1.2\n", path)) == []
