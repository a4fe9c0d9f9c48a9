"""Container images, charts, repositories and downloads in Ansible's playbooks, tasks, handlers and variables.

Playbooks and lists of tasks are recognised by what is in them and by their directory (`tasks`, `handlers`), variables
by theirs (`defaults`, `vars`, `group_vars`, `host_vars`):

    - name: Run the web server
      community.docker.docker_container:
        name: web
        image: "nginx:{{ nginx_version }}"               # the version below, in the same file
        state: started
      vars:
        nginx_version: 1.27.0
        exporter_image: quay.io/prometheus/node-exporter:v1.8.1
    - name: Pull
      containers.podman.podman_image:
        name: quay.io/acme/web
        tag: 2.4.1
    - name: Download
      ansible.builtin.get_url:
        url: "https://github.com/acme/agent/releases/download/v{{ agent_version }}/agent"
        dest: /usr/local/bin/agent
      vars:
        agent_version: 2.3.0
    - name: Add a repository
      kubernetes.core.helm_repository: { name: jetstack, repo_url: https://charts.jetstack.io }
    - name: Install
      kubernetes.core.helm:
        chart_ref: jetstack/cert-manager                 # or a name beside chart_repo_url, or oci://…
        chart_version: v1.15.1
    - name: Check out
      ansible.builtin.git: { repo: https://github.com/acme/scripts, version: v1.4.0, dest: /opt/scripts }

Read are `image` in every module (objects that `kubernetes.core.k8s` creates among them), `name` and `tag` of the
modules that pull images, and variables called `…image`, with their tag in them or in a variable beside them (`…_tag`,
`…_version`). A variable is followed within a file. An image whose variable is defined elsewhere is listed,
not updated. Of Molecule's scenarios (`molecule.yml`) the images of the platforms are read.

Addresses of files of releases and of repositories at forges, and of a few vendors, are read as those in scripts are; a
variable is followed within the file here, too, and so is one that holds a version of k3s, RKE2 or k0s
(`v1.30.2+k3s1`). `dep_type` is `chart`, `git`, `download` or `distribution` for what is no image.
"""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as ReadOnly
from itertools import islice

from msgspec import Struct

from managers._composed import Piece, composed, composed_image
from managers._downloads import CHECKSUM_TEXT, Download, is_given_elsewhere, is_in_comment
from managers._downloads import MARKERS as DOWNLOADS
from managers._git import repository
from managers._helm import chart_dependency, image_map, images_in_values, is_image_map
from managers._images import ImageReader, is_versioned_image
from managers._lists import list_items
from managers._manifests import invalid, settled
from managers._yaml import Document, Mapping, Scalar, documents_in
from updater.api import (
    Dependency,
    Extracted,
    Package,
    SourceFile,
    Span,
    dependency,
    image_dependency,
    parse_image,
)

NAME = "ansible"
FILES: tuple[str, ...] = ("*.yml", "*.yaml")
_IMAGES = ("image", "Image", "IMAGE")
_SUFFIXES = ("+k3s", "+rke2r", "+k0s")
_MODULES = ("chart_ref:", "builtin.git:", " git:")
MARKERS: tuple[str, ...] = (*_IMAGES, *DOWNLOADS, *_SUFFIXES, *_MODULES)
FOREIGN: tuple[str, ...] = ("\napiVersion:",)
NARROWABLE = False
WORDS: tuple[str, ...] = ("hosts:", "docker_", "podman_", "chart_ref:", "builtin.git:")
"""One of these stands in every playbook in another directory."""

_TASKS = frozenset(("tasks", "handlers"))
_VARIABLES = frozenset(("defaults", "vars", "group_vars", "host_vars"))
_SCENARIO = re.compile(r"(?:.*/)?molecule\.ya?ml")
_DEFINING = frozenset(("vars", "set_fact", "ansible.builtin.set_fact"))
_CONTAINER = re.compile(r"(?:[\w.]+\.)?(?:docker|podman)_(?:container|swarm_service|image|image_pull)")
_PULL = re.compile(r"(?:[\w.]+\.)?(?:docker|podman)_image(?:_pull)?")
_HELM = re.compile(r"(?:[\w.]+\.)?helm(?P<is_repository>_repository)?")
_GIT = frozenset(("git", "ansible.builtin.git"))
_FREE_FORM = re.compile(r"""(?<!\S)(?P<name>image|name)=["']?(?P<image>[^\s"']+)""")
_JINJA = re.compile(
    r"""
    \{\{-? \s*+ (?P<name>\w++) \s*+
    (?: \| \s*+ default\( \s*+ (?P<quote>["'])(?P<default>[^"'{}]++)(?P=quote) [^(){}]*+ \) \s*+ )? -?\}\}
    """,
    re.VERBOSE,
)
_IMAGE_NAME = re.compile(r"(?P<image>.*image)(?P<part>_(?:repo|repository|name))?", re.IGNORECASE)
_ADDRESS = re.compile(r"""https?://(?:\{\{[^{}\n]*+\}\}|[^\s"'`|;()<>\\{}])++""")
_BEFORE = ("_ns", "_namespace", "_registry")
"""Endings of variables beside one of an image, which hold what stands before its name."""
_OF_DISTRIBUTION = re.compile(r"v?\d+(?:\.\d+)+\+(?P<name>k3s|rke2r|k0s)\.?\d+")
_DISTRIBUTIONS = {"k3s": "k3s-io/k3s", "rke2r": "rancher/rke2", "k0s": "k0sproject/k0s"}
_MAX_DEPTH = 6
_MAX_PIECES = 40


def extract(file: SourceFile) -> Iterator[Extracted]:
    """The images and downloads in the playbook, tasks or variables in ``file``."""
    return settled(item for document in documents_in(file) for item in _read(file, document))


def _read(file: SourceFile, document: Document) -> Iterator[Extracted]:
    directories = set(file.path.split("/")[:-1])
    if _SCENARIO.fullmatch(file.path):
        yield from _scenario(file, document)
    is_named = bool(directories & _TASKS)
    if (is_named or (file.mentions(*WORDS) and document.mentions(*WORDS))) and document.mentions(*MARKERS):
        yield from _plays(file, document, is_named=is_named)
    if directories & _VARIABLES and document.field("apiVersion") is None and document.mentions(*MARKERS):
        root = document.root
        if root is not None:
            reading = _Reading(file=file, scopes=(root,))
            yield from reading.defined(root)
            yield from reading.downloads(document)
        elif document.problem is not None:
            yield invalid(file, NAME, document.problem)


def _scenario(file: SourceFile, document: Document) -> Iterator[Extracted]:
    """The images that a scenario of Molecule tests on; variables are those of the shell.

    https://ansible.readthedocs.io/projects/molecule/configuration/
    """
    if document.root is None:
        return
    for platform in document.root.mappings("platforms"):
        image = platform.scalar("image")
        if image and image.span and (pieces := composed(file, image.span, {})):
            yield from composed_image(pieces, manager=NAME, at=Piece(file=file, span=image.span))


def _plays(file: SourceFile, document: Document, *, is_named: bool) -> Iterator[Extracted]:
    """The images of a list of plays or tasks; nothing comes of other lists unless the directory says what they are."""
    items = [item for item in list_items(document) if item.mentions(*MARKERS, *_DEFINING, "helm_repository")]
    roots = [item.root for item in items if item.root is not None]
    if not is_named and not any(_is_play_or_task(root) for root in roots):
        return
    scopes = [mapping for root in roots for _, mapping in root.walk(_DEFINING)]
    added = {
        mapping.text("name") or "": url
        for root in roots
        for key, mapping in root.walk()
        if (match := _HELM.fullmatch(key)) and match["is_repository"]
        if (url := mapping.text("repo_url") or mapping.text("url"))
    }
    reading = _Reading(file=file, scopes=tuple(scopes), repositories=added)
    for item in items:
        if item.problem is not None:
            yield invalid(file, NAME, item.problem)
        elif item.root is not None:
            yield from reading.tasks(item.root)
    yield from reading.downloads(document)


def _is_play_or_task(root: Mapping) -> bool:
    return "hosts" in root or any(
        _CONTAINER.fullmatch(key) or _HELM.fullmatch(key) or key in _GIT for key, _ in root.items()
    )


class _Reading(Struct, frozen=True, kw_only=True):
    """One file while it is read.

    ``scopes`` are the maps that define variables, ``repositories`` those of charts that are added, by name.
    """

    file: SourceFile
    scopes: tuple[Mapping, ...]
    repositories: ReadOnly[str, str] = {}

    @property
    def _reader(self) -> ImageReader:
        return ImageReader(file=self.file, manager=NAME)

    # ------------------------------------------------------------ tasks

    def tasks(self, root: Mapping) -> Iterator[Extracted]:
        """The images of a task, of a block or of a whole play."""
        for key, mapping in root.walk():
            if _PULL.fullmatch(key):
                yield from self._pulled(mapping)
            elif key in _DEFINING:
                yield from self.defined(mapping)
            elif _HELM.fullmatch(key) and "chart_ref" in mapping:
                yield from self._chart(mapping)
            elif key in _GIT and (url := mapping.scalar("repo")) and url.has_text:
                yield repository(self.file, manager=NAME, url=url, at=mapping.scalar("version"), dep_type="git")
            else:
                yield from self._used(mapping, is_container=_CONTAINER.fullmatch(key) is not None)

    def _used(self, arguments: Mapping, *, is_container: bool) -> Iterator[Extracted]:
        image = arguments.scalar("image")
        if image is not None and image.has_text:
            yield from self._image(image, is_sure=is_container)
        for module, node in arguments.items():
            if isinstance(node, Scalar) and _CONTAINER.fullmatch(module):
                yield from self._free_form(node, "name" if _PULL.fullmatch(module) else "image")
            elif _PULL.fullmatch(module):
                yield from self._looped(arguments)

    def _pulled(self, arguments: Mapping) -> Iterator[Extracted]:
        """``name`` and ``tag`` of an image that is pulled, not built."""
        name, tag = arguments.scalar("name"), arguments.scalar("tag")
        if name is None or not name.has_text or arguments.text("source") in ("build", "load") or "build" in arguments:
            return
        if tag is None or is_versioned_image(name.text):
            yield from self._image(name, is_sure=True)
        else:
            yield from self._pair(name, tag)

    def _looped(self, task: Mapping) -> Iterator[Extracted]:
        """The images that a task pulls one after the other."""
        for node in (*task.elements("loop"), *task.elements("with_items")):
            if isinstance(node, Scalar) and is_versioned_image(node.text):
                yield self._reader.whole(node)

    def _free_form(self, arguments: Scalar, key: str) -> Iterator[Extracted]:
        """``docker_container: name=web image=nginx:1.27``."""
        for match in _FREE_FORM.finditer(arguments.text):
            if match["name"] == key and arguments.span and is_versioned_image(match["image"]):
                span = Span(*(arguments.span.start + offset for offset in match.span("image")))
                yield image_dependency(self.file, manager=NAME, span=span)

    # ------------------------------------------------------------ variables

    def defined(self, variables: Mapping) -> Iterator[Extracted]:
        """The images among the values of variables, however deep."""
        for key, mapping in variables.walk():
            if is_image_map(key, mapping):
                yield from image_map(self._reader, mapping)
                continue
            for name, node in mapping.items():
                if isinstance(node, Scalar) and node.has_text and (match := _IMAGE_NAME.fullmatch(name)):
                    yield from self._variable(mapping, match, node)
                elif isinstance(node, Scalar) and node.span and (match := _OF_DISTRIBUTION.fullmatch(node.text)):
                    package = Package(datasource="github-releases", name=_DISTRIBUTIONS[match["name"]])
                    yield dependency(
                        self.file,
                        manager=NAME,
                        name=package.name,
                        package=package,
                        value=node.span,
                        dep_type="distribution",
                    )

    def _variable(self, mapping: Mapping, name: re.Match[str], image: Scalar) -> Iterator[Extracted]:
        """``x_image: repo:tag``, or ``x_image`` or ``x_image_repo`` beside ``x_image_tag`` or ``x_version``."""
        stems = (name["image"], name["image"][: -len("_image")])
        tags = (mapping.scalar(stem + word) for stem in stems for word in ("_tag", "_version"))
        tag = next((scalar for scalar in tags if scalar and scalar.has_text), None)
        is_name = name["part"] or not (image.is_templated or is_versioned_image(image.text))
        has_host = "." in image.text.partition("/")[0] or image.is_templated
        if (
            tag is not None
            and is_name
            and not has_host
            and any(stem + word in mapping for stem in stems for word in _BEFORE)
        ):
            yield self._reader.unmanaged(tag, "a part of the name is in another variable", image.text)
            return
        if is_name and tag is not None and (image.is_templated or parse_image(image.text)):
            yield from self._pair(image, tag)
        elif not name["part"]:
            yield from self._image(image, is_sure=False)

    # ------------------------------------------------------------ charts

    def _chart(self, arguments: Mapping) -> Iterator[Extracted]:
        """https://docs.ansible.com/ansible/latest/collections/kubernetes/core/helm_module.html."""
        name = arguments.scalar("chart_ref")
        url = arguments.text("chart_repo_url")
        version = arguments.scalar("chart_version")
        if name is None or not name.has_text:
            return
        called = name.text
        if not url:
            before, _, called = called.rpartition("/")
            is_name = before and "/" not in before and not before.startswith(".")
            url = self.repositories.get(before, f"@{before}") if is_name else before or "."
        if version is not None and (alone := _JINJA.fullmatch(version.text)):
            scalars = (scope.scalar(alone["name"]) for scope in self.scopes)
            version = next((scalar for scalar in scalars if scalar is not None), version)
        yield chart_dependency(
            self.file, manager=NAME, name=name, repository=url, version=version, dep_type="chart", called=called
        )
        for key in ("values", "release_values"):
            if values := arguments.mapping(key):
                yield from images_in_values(self._reader, values)

    # ------------------------------------------------------------ downloads

    def downloads(self, document: Document) -> Iterator[Extracted]:
        """What the addresses in the document lead to, wherever they stand."""
        text = self.file.text
        is_checked = CHECKSUM_TEXT.search(text) is not None
        for match in _ADDRESS.finditer(text, document.start, document.end) if document.mentions(*DOWNLOADS) else ():
            at = Piece(file=self.file, span=Span(*match.span()))
            if not is_in_comment(text, at.span):
                address = tuple(islice(self._pieces(at.span, 0), _MAX_PIECES))
                download = Download(manager=NAME, address=address, at=at, dep_type="download", is_checked=is_checked)
                yield from (item for item in download.known() if not is_given_elsewhere(item, at))

    # ------------------------------------------------------------ images

    def _image(self, image: Scalar, *, is_sure: bool) -> Iterator[Extracted]:
        """The image that a scalar names. ``is_sure`` says that it is one even if it has no tag."""
        if image.span is not None and image.is_templated:
            found = composed_image(
                tuple(islice(self._pieces(image.span, 0), _MAX_PIECES)),
                manager=NAME,
                at=Piece(file=self.file, span=image.span),
            )
            is_image = is_sure or ":" in _JINJA.sub("", image.text)
            yield from (item for item in found if is_image or isinstance(item, Dependency))
        elif is_sure or is_versioned_image(image.text):
            yield self._reader.whole(image)

    def _pair(self, name: Scalar, tag: Scalar) -> Iterator[Extracted]:
        """The image whose name and tag are scalars of their own, either of which may hold variables."""
        if name.span is None or tag.span is None:
            yield self._reader.in_parts(name.text, at=name, tag=tag, digest=None, pinnable=False)
            return
        colon = self.file.text.index(":")  # any will do, and every map has one
        pieces = (
            *islice(self._pieces(name.span, 0), _MAX_PIECES),
            Piece(file=self.file, span=Span(colon, colon + 1)),
            *islice(self._pieces(tag.span, 0), _MAX_PIECES),
        )
        yield from composed_image(pieces, manager=NAME, at=Piece(file=self.file, span=tag.span))

    def _pieces(self, span: Span, depth: int) -> Iterator[Piece]:
        """The text at ``span`` with its variables followed, as far as they are defined in this file."""
        start, end = span
        for variable in _JINJA.finditer(self.file.text, start, end):
            if variable.start() > start:
                yield Piece(file=self.file, span=Span(start, variable.start()))
            yield from self._value(variable, depth)
            start = variable.end()
        if start < end:
            yield Piece(file=self.file, span=Span(start, end))

    def _value(self, variable: re.Match[str], depth: int) -> Iterable[Piece]:
        scalars = (scope.scalar(variable["name"]) for scope in self.scopes)
        value = next((scalar for scalar in scalars if scalar is not None and scalar.span), None)
        if value is not None and value.span is not None and depth < _MAX_DEPTH:
            return self._pieces(value.span, depth + 1)
        group = "default" if variable["default"] and value is None else 0
        return (Piece(file=self.file, span=Span(*variable.span(group))),)
