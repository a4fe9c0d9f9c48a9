"""Reading ordinary manifests line by line finds what a parser finds."""

import pytest

from managers import kubernetes
from managers._image_lines import image_lines
from tests.managers.reading import INPUTS
from updater.api import Extracted, SourceFile

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: image-proxy  # an image proxy
spec:
  imagePullSecrets:
    - name: registry
  containers:
    - name: web
      image: "acme/web:1.2"  # pinned
      imagePullPolicy: Always
    - image: registry.example.com:5000/acme/proxy@sha256:{digest}
      name: proxy
""".replace("{digest}", "ab" * 32)


def texts(text: str) -> list[str] | None:
    spans = image_lines(text)
    return None if spans is None else [text[slice(*span)] for span in spans]


def test_simple_lines_are_read() -> None:
    """Images with a tag or a digest are found at their places, quoted or not, with other words about images around."""
    proxy = f"registry.example.com:5000/acme/proxy@sha256:{'ab' * 32}"

    assert texts(POD.replace("image-proxy", "proxy")) == ["acme/web:1.2", proxy]
    assert texts(POD.replace("image-proxy", "proxy").replace("\n", "\r\n")) == ["acme/web:1.2", proxy]


@pytest.mark.parametrize(
    "line",
    [
        "      image: acme/web",
        "      image: {repository: acme/web, tag: '1'}",
        "      image:",
        "      sidecarImage: acme/web:1",
        "      args: ['--image=acme/web:1']",
        "        - --image=acme/web:1",
        "      image: *web",
        "      image: &web acme/web:1",
        "      image: >-\n        acme/web:1",
        "      image: acme/{{ .Values.web }}:1",
        "      name: SOME_image\n      value: acme/web:1",
        "      note: |\n        image: acme/web:1",
        "      - - image: acme/web:1",
        "      ? image",
        "\timage: acme/web:1",
    ],
)
def test_everything_else_is_left_to_the_parser(line: str) -> None:
    """One line that is not of the simplest kind, and the whole document is parsed."""
    assert image_lines(f"{POD}{line}\n") is None


@pytest.mark.parametrize("file", INPUTS, ids=lambda file: file.path)
def test_inputs(file: SourceFile, monkeypatch: pytest.MonkeyPatch) -> None:
    """In every input file both ways find the same, at the same places."""
    quick = list(kubernetes.extract(file))
    monkeypatch.setattr(kubernetes, "image_lines", lambda *_: None)

    assert sorted(quick, key=place) == sorted(kubernetes.extract(file), key=place)


def place(item: Extracted) -> str:
    return repr(item)
