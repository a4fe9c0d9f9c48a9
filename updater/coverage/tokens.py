"""The second reading: everything in a text that looks like a version, an image or a range, without parsing the file.

Candidates are found by what they cannot be without (a number with a dot, ``:`` before a letter, ``@``, a key that
speaks of versions); the line around each decides. A number with a dot is a version where its key says so
(``tag: 1.10``), where it has three parts and is the whole value, or where it stands behind ``@``, ``=``, ``:`` or
``/`` as versions do. Windows of a fixed size are looked at, so that the time is linear however long a line is.
"""

import operator
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from updater.coverage.keys import VERSION_LIKE, Meaning, meaning
from updater.coverage.texts import visible
from updater.images import parse_image
from updater.model.scan import Span

_WINDOW = 400
_LINES = 600

_NUMBER = re.compile(r"[0-9]++(?:\.[0-9]++)++")
_COLON = re.compile(r":(?=[A-Za-z0-9])")
_AT = re.compile(r"@(?=[0-9a-fl-v^~])")
_KEY_WORDS = ("version", "tag", "revision", "rev", "ref", "commit", "digest", "image", "from ")
_BEHIND_KEY = re.compile(
    r"""\w*+["']?[ \t]*+(?:[:?+]?=|:-|:(?=[\s"'])|(?<=from)[ \t])[ \t]*+"""
    r"""(?:[&!][\w.-]++[ \t]++)?["'\[({]*+[ \t]*+(?=[^\s"'#])""",
    re.IGNORECASE,
)

_WORD = re.compile(r"""[^\s"'`,;()\[\]{}<>|\\]*+""")
_KEY = re.compile(
    r"""["']?(?<![\w.%$-])(?P<key>[A-Za-z_.][\w./-]*+)["']?[ \t]*+(?:[:?+]?=(?![=~])|:[-=]|:(?=[\s"']|$))[ \t]*+"""
    r"(?:[&!][\w.-]++[ \t]++)?"
)
_FLAG = re.compile(r"(?:^|[\s\"'])(?P<key>--?[A-Za-z][\w-]*+|checkout|switch)[ \t]++$")
_INSTRUCTION = re.compile(r"^[ \t]*+(?:(?:ENV|ARG)[ \t]++)?(?P<key>[A-Za-z][\w./-]*+)[ \t]++$", re.IGNORECASE)
_BUILD_FILES = ("dockerfile", "containerfile")
_RUNS = re.compile(r"\b(?:FROM|docker|podman|nerdctl|crane|skopeo|ctr|cosign)\b|--image\b|docker://$", re.IGNORECASE)
_ITEM = re.compile(r"[ \t]*+(?:-[ \t]++)*+[\"']?$")

_PART = r"[0-9]++(?:\.[0-9]++)*+"
_SINGLE = re.compile(rf"v?(?P<numbers>{_PART})(?P<suffix>(?:[-+_.]?[A-Za-z0-9][\w.+-]*+)?)")
_REFERENCE = "refs/tags/"
_TAG = re.compile(r"(?=[\w.-]*?[0-9])[A-Za-z0-9_][\w.+-]{0,127}")
_FLOATING = frozenset(("latest", "stable", "edge", "nightly", "main", "master", "dev", "develop"))
_HEX = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_CLAUSE = r"(?:[~^<>=!]{1,2}[ \t]*+)?v?[0-9]++(?:\.(?:[0-9]++|[xX*]))*+(?:[-+][0-9A-Za-z.+-]*+)?"
_RANGE = re.compile(rf"{_CLAUSE}(?:[ \t,|]++(?:-[ \t]++)?{_CLAUSE})*+")
_OPERATOR = re.compile(r"[~^<>=!,|*]|\.[xX]|[0-9][ \t]")
_TILDE = re.compile(r"(?:~>?|\^)[ \t]*+[0-9]++\.[0-9]")
_THREE = re.compile(r"[0-9]++\.[0-9]++\.[0-9]")
_LONGEST_RANGE = 120

_BEHIND_AT = re.compile(r"[@#](?:refs/tags/)?[~^]?(?P<version>[^@#]++)$")
_SHORT_HEX = re.compile(r"[0-9a-f]{7,12}")
_IMAGE_SCHEME = re.compile(r"(?:oci|docker|docker-image|docker-daemon|containers-storage)://")
_MAY_BE_COMMIT = frozenset((Meaning.REVISION, Meaning.TAG, Meaning.VERSION, Meaning.DIGEST))
_MAY_BE_DIGEST = frozenset((Meaning.DIGEST, Meaning.IMAGE, Meaning.TAG, Meaning.VERSION))

_REF = re.compile(r"[?&]ref=(?P<ref>[^&\s]++)")
_VERSION_IN_PATH = re.compile(r"(?:(?<=[/=@:])|(?<=%2F)|(?<=%2f))v?[0-9]++(?:\.[0-9]++){2}(?![0-9])[\w.+-]*+")
_SHORT_IN_PATH = re.compile(r"(?<=/)v[0-9]++\.[0-9]++(?=/)")
_VERSION_IN_NAME = re.compile(r"(?<=[-_])v?[0-9]++\.[0-9]++\.[0-9]++(?!\.[0-9])(?:-(?:rc|alpha|beta)[\w.]*+)?")
_ARCHIVE = re.compile(r"(?:\.(?:tar|gz|tgz|zip|git|yaml|yml|json|deb|rpm|xz|bz2|sh|exe))++$")
_CODE_HOST = re.compile(r"git|(?:^|[./])(?:dl|get|download|downloads|releases|raw)\.")

_NAME_NEARBY = re.compile(
    r"""(?:name|key|variable|path)["']?[ \t]*+(?:[:=][ \t]*+)?["']?(?P<name>[A-Za-z_][\w.@/-]*+)"""
)
_KEY_OF_BRACE = re.compile(r"""(?P<name>[A-Za-z_][\w./-]*+)["']?[ \t]*+[:=][ \t]*+\{""")
_NEVER = frozenset((Meaning.PROSE, Meaning.OTHER))
_QUOTES = frozenset("\"'`")
_span = operator.methodcaller("span")
_ENDS = frozenset(("", "\n", "\r", " ", '"', "'", ","))
_PLAIN_KEY = re.compile(r"""[ \t]*+["']?(?P<key>[A-Za-z_][\w.-]*+)["']?[ \t]*+[:=][ \t]++["']?""")
_FRACTION = re.compile(r"[0-9]++\.[0-9]++")
_JOINED = re.compile(r"[:@#=]")
_VALUE_KEYS = frozenset(("value", "default", "newvalue", "stringvalue"))
_API_VALUE = re.compile(r"(?:[a-z][\w.-]*/)?v[0-9]+(?:(?:alpha|beta)[0-9]+)?|[0-9]")
_SURELY_API = re.compile(r"v[0-9]+(?:alpha|beta)[0-9]+")
_BESIDE_KIND = re.compile(r"""[\s{,"'](?:kind|group|helm)["']?[ \t]*:""")


Kind = Literal["image", "version", "range", "digest", "commit", "API version"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """Something version-like in a text, and the key that says most about it."""

    span: Span
    kind: Kind
    key: str | None


def tokens(path: str, text: str) -> tuple[Token, ...]:
    """The tokens of a file, in order, apart from each other."""
    return tuple(_apart(_Reading(path, visible(path, text))))


def _apart(reading: "_Reading") -> Iterator[Token]:
    done = 0
    for position in reading.candidates():
        if position < done:
            continue
        place = _Place(reading, position)
        token = place.token()
        if token is not None and token.span.start >= done:
            yield token
            done = max(token.span.end, place.consumed)
        elif place.consumed > position:
            done = max(done, place.consumed)


class _Reading:
    """A file that is being read."""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text
        self.name = path[path.rfind("/") + 1 :]
        self.is_versions = self.name == ".tool-versions"
        self.is_version = self.name.lower().endswith("-version") or self.name.lower() in ("version", ".nvmrc")
        self.has_instructions = any(word in self.name.lower() for word in _BUILD_FILES)

    def candidates(self) -> list[int]:
        """Where it is worth looking closer."""
        text = self.text
        found = {start for start, end in map(_span, _NUMBER.finditer(text)) if not self._is_plain_fraction(start, end)}
        found.update(match.start() for match in _COLON.finditer(text))
        found.update(match.start() for match in _AT.finditer(text))
        found.update(self._behind_keys())
        if self.is_version:
            found.update(match.start() for match in re.finditer(r"\S++", text[:_WINDOW]))
        return sorted(found)

    def _is_plain_fraction(self, start: int, end: int) -> bool:
        """Whether a number is like 0.5 in ``ratio: 0.5``: seen without a closer look, as there are many of them."""
        text = self.text
        if text[end : end + 1] not in _ENDS or text.count(".", start, end) > 1:
            return False
        line_start = text.rfind("\n", max(0, start - _WINDOW), start) + 1
        match = _PLAIN_KEY.fullmatch(text, line_start, start) if line_start else None
        return match is not None and meaning(match["key"]) is Meaning.PLAIN and match["key"].lower() not in _VALUE_KEYS

    def _behind_keys(self) -> Iterator[int]:
        """Where the values of keys that speak of versions begin."""
        lower = self.text.lower()
        for word in _KEY_WORDS if len(lower) == len(self.text) else ():
            at = lower.find(word)
            while at >= 0:
                match = _BEHIND_KEY.match(self.text, at + len(word.rstrip()))
                if match:
                    yield match.end()
                at = lower.find(word, at + len(word))


class _Place:
    """A candidate, the line around it, and the key that says most about it."""

    def __init__(self, reading: _Reading, at: int) -> None:
        text = reading.text
        low, high = max(0, at - _WINDOW), min(len(text), at + _WINDOW)
        self.reading, self.offset = reading, max(text.rfind("\n", low, at) + 1, low)
        end = text.find("\n", at, high)
        self.line = line = text[self.offset : high if end < 0 else end]
        self.at = at = at - self.offset
        self.word_start = at - _WORD.match(line[:at][::-1]).end()  # type: ignore[union-attr]  # it matches anything
        self.word_end = _WORD.match(line, at).end()  # type: ignore[union-attr]  # the same
        self.word = line[self.word_start : self.word_end]
        self.key_end, self.plain_key = self._last_key()
        self.key = self._telling_key()
        self.meaning = meaning(self.key)
        self.consumed = 0

    # ------------------------------------------------------------ context

    def _last_key(self) -> tuple[int, str | None]:
        """Where the value behind the last key in front of the word begins, and that key."""
        found = None
        for match in _KEY.finditer(self.line, 0, self.word_start + 1):
            if match.end() <= self.word_start:
                found = match
        return (found.end(), found["key"]) if found else (0, None)

    def _telling_key(self) -> str | None:
        """The key, flag, instruction or name that says most about the value."""
        if self.line[self.word_start - 1 : self.word_start].isspace():
            before = self.line[: self.word_start]
            flag = _FLAG.search(before)
            if flag is not None:
                return flag["key"].lstrip("-")
            if self.reading.is_versions:
                return "version"
            if self.reading.has_instructions and (instruction := _INSTRUCTION.match(before)):
                return instruction["key"]
        if self.plain_key is None:
            return self._key_of_list()
        is_value = self.plain_key.rpartition(".")[2].lower() in _VALUE_KEYS
        return (self._key_nearby() if is_value else None) or self.plain_key

    def _key_of_list(self) -> str | None:
        """The key above a list that the word is an item of, or "version" in a file that holds nothing else."""
        if self.reading.is_version:
            return "version"
        if not _ITEM.match(self.line, 0, self.word_start) or not _ITEM.fullmatch(self.line[: self.word_start]):
            return None
        indentation = len(self.line) - len(self.line.lstrip())
        text, bound = self.reading.text, max(0, self.offset - _LINES)
        for line in reversed(text[bound : max(self.offset - 1, 0)].split("\n")):
            depth = len(line) - len(line.lstrip())
            if line.strip() and (depth < indentation or (depth == indentation and line.strip()[0] != "-")):
                match = _KEY.search(line)
                return match["key"] if match and line.rstrip()[-1] in ":[=({" else None
        return None

    def _key_nearby(self) -> str | None:
        """What a ``name`` on the same line, above or below calls the thing whose ``value`` this is."""
        text, start = self.reading.text, self.offset
        above = text[max(0, start - _LINES) : start].split("\n")[-7:-1]
        if "{" in self.line[: self.word_start]:
            match = _NAME_NEARBY.search(self.line) or _KEY_OF_BRACE.search(self.line)
            return match["name"] if match else None
        matches = map(_NAME_NEARBY.search, (*reversed(above), self._line_below()))
        return next((match["name"] for match in matches if match), None)

    def _line_below(self) -> str:
        start = self.offset + len(self.line) + 1
        return self.reading.text[start : start + _WINDOW].partition("\n")[0]

    @property
    def is_whole(self) -> bool:
        """Whether the word is all of a value, an item of a list, or a text in quotes."""
        before, behind = self.line[: self.word_start].rstrip(" \t"), self.line[self.word_end :].lstrip(" \t")
        if behind and behind[0] not in "\"'],})\r;`" and not self.reading.is_versions:
            return False
        if self.line[self.word_start - 1 : self.word_start] in _QUOTES:
            return bool(behind) and behind[0] == self.line[self.word_start - 1]
        is_value = self.plain_key is not None and self.key_end >= len(before)
        return is_value or not before or before[-1] in "[,({-" or self.key not in (None, self.plain_key)

    # ------------------------------------------------------------ decisions

    def token(self) -> Token | None:
        """The token at this place, if it is one."""
        if self.meaning in _NEVER or (self.meaning not in VERSION_LIKE and _FRACTION.fullmatch(self.word)):
            return None
        return self._range() or (self._of_word() if self.word else None)

    def _of_word(self) -> Token | None:
        word = self.word
        if "/" in word and self._is_address(word):
            self.consumed = self.offset + self.word_end
            return self._in_address(word) or (self._behind_at(word) if self.meaning is Meaning.USES else None)
        if word.isalnum() or not _JOINED.search(word):
            return self._alone(word)
        finds = (self._image, self._digest, self._behind_at, self._assigned, self._alone, self._behind_colon)
        return next((token for find in finds if (token := find(word))), None)

    def _make(self, kind: Kind, start: int, end: int, key: str | None = None) -> Token:
        """A token at a place of the word."""
        start, end = self.offset + self.word_start + start, self.offset + self.word_start + end
        return Token(span=Span(start, end), kind=kind, key=key or self.key)

    # ------------------------------------------------------------ ranges

    def _range(self) -> Token | None:
        if not _OPERATOR.search(self.line):
            return None
        start, end = self._value_around()
        value = self.line[start:end]
        if len(value) > _LONGEST_RANGE or not _OPERATOR.search(value) or not _RANGE.fullmatch(value):
            return None
        is_surely = self.meaning in VERSION_LIKE or _TILDE.search(value) or (value[0] in "<>=" and _THREE.search(value))
        return self._make("range", start - self.word_start, end - self.word_start) if is_surely else None

    def _value_around(self) -> tuple[int, int]:
        """The text in quotes, or all behind the key; within braces up to the next comma."""
        before = self.line[: self.at]
        for quote in "\"'":
            if before.count(quote) % 2:
                start, end = before.rfind(quote) + 1, self.line.find(quote, self.at)
                return start, len(self.line) if end < 0 else end
        start = self.key_end or len(before) - len(before.lstrip(" -"))
        end = len(self.line.rstrip())
        if "{" in before:
            end = min((at for at in (self.line.find(mark, self.at) for mark in ",}") if at >= 0), default=end)
        return start, end

    # ------------------------------------------------------------ images and digests

    def _image(self, word: str) -> Token | None:
        scheme = _IMAGE_SCHEME.match(word)
        offset = scheme.end() if scheme else word.rfind("=") + 1
        reference = parse_image(word[offset:])
        if reference is None or not (reference.tag or reference.digest):
            return None
        if self.line[self.word_end : self.word_end + 1] == "{" or word[-1] == "$":
            return None  # a template goes on with the tag
        if scheme is None and not self._is_surely_image(reference.name, reference.tag):
            return None
        return self._make("image", offset, len(word))

    def _is_surely_image(self, name: str, tag: str | None) -> bool:
        if not any(map(str.isalpha, name)) or tag is None:
            return tag is None
        if self.meaning is Meaning.IMAGE or _RUNS.search(self.line, 0, self.word_start):
            return True
        host, slash, _ = name.partition("/")
        if slash and ("." in host or ":" in host):
            return True
        number = _NUMBER.search(tag)
        return number is not None and (not tag.startswith("0.") or bool(slash) or number[0].count(".") > 1)

    def _digest(self, word: str) -> Token | None:
        match = _DIGEST.search(word)
        if match is None:
            return None
        is_digest = word[: match.start()].endswith("@") or self.meaning in _MAY_BE_DIGEST
        if not is_digest or self.reading.name.endswith(".lock"):
            return None
        value = _SINGLE.match(word)
        begin = 0 if value and value.end() == match.start() - 1 else match.start()
        return self._make("digest", begin, match.end())

    # ------------------------------------------------------------ words

    def _behind_at(self, word: str) -> Token | None:
        """``owner/action@v4``, ``package@^1.2.3``, ``preset#1.2.3``."""
        match = _BEHIND_AT.search(word)
        if match is None:
            return None
        version, start = match["version"], match.start("version")
        if _HEX.fullmatch(version) or (self.meaning is Meaning.USES and _SHORT_HEX.fullmatch(version)):
            return self._make("commit", start, len(word))
        single = _SINGLE.fullmatch(version)
        if single is None:
            is_version = self.meaning is Meaning.USES and _NUMBER.search(version) is not None
        else:
            is_version = "/" in word[:start] or self.meaning is Meaning.USES or single["numbers"].count(".") == 2
        return self._make("version", start, len(word)) if is_version else None

    def _assigned(self, word: str) -> Token | None:
        """``--version=1.2``, ``NAME=1.2.3``, ``package==1.2.3`` within one word."""
        name, equals, version = word.rpartition("=")
        name = name.rstrip("=:?+!~<>")
        if not equals or not name:
            return None
        key = name.rpartition("=")[0] or name
        return self._version(version, len(word) - len(version), key.lstrip("-").rpartition("/")[2] or None)

    def _alone(self, word: str) -> Token | None:
        return self._version(word, 0, self.key) if self.is_whole else None

    def _behind_colon(self, word: str) -> Token | None:
        """``group:package:1.2.3``, ``NAME:-1.2``, and what follows a template: ``:1.2.3``."""
        name, colon, version = word.rpartition(":")
        if not colon:
            return None
        if version.startswith("-"):
            return self._version(version[1:], len(word) - len(version) + 1, name)
        match = _SINGLE.fullmatch(version)
        is_version = match is not None and match["numbers"].count(".") == 2
        return self._make("version", len(word) - len(version), len(word)) if is_version else None

    def _version(self, value: str, start: int, key: str | None) -> Token | None:
        kind = self._kind(value, meaning(key))
        return self._make(kind, start, start + len(value), key) if kind else None

    def _kind(self, value: str, sense: Meaning) -> Kind | None:
        if (sense is Meaning.API and _API_VALUE.fullmatch(value)) or (sense is Meaning.VERSION and self._is_api(value)):
            return "API version"
        if _HEX.fullmatch(value):
            return "commit" if sense in _MAY_BE_COMMIT else None
        if sense is Meaning.REVISION:
            value = value.removeprefix(_REFERENCE)
        match = _SINGLE.fullmatch(value)
        if match is not None:
            return "version" if _is_version(value, match, sense) else None
        is_word = sense is Meaning.TAG and (value in _FLOATING or _TAG.fullmatch(value))
        is_named = sense in (Meaning.VERSION, Meaning.REVISION) and _TAG.fullmatch(value) and _NUMBER.search(value)
        return "version" if is_word or is_named else None

    def _is_api(self, value: str) -> bool:
        """Whether a ``version`` is that of an API: it stands beside a ``kind`` or a ``group``, or says so itself."""
        if _SURELY_API.fullmatch(value):
            return True
        if not _API_VALUE.fullmatch(value) or value.isdigit():
            return False
        around = self.reading.text[max(0, self.offset - 100) : self.offset + len(self.line) + 100]
        return _BESIDE_KIND.search(around) is not None

    # ------------------------------------------------------------ addresses

    @staticmethod
    def _is_address(word: str) -> bool:
        if _IMAGE_SCHEME.match(word):
            return False
        return "://" in word or "?ref=" in word or _looks_like_address(word)

    def _in_address(self, word: str) -> Token | None:
        ref = _REF.search(word)
        if ref is not None:
            is_version = any(map(str.isdigit, ref["ref"])) and "$" not in ref["ref"]
            return self._make("version", *ref.span("ref"), key="ref") if is_version else None
        path = word.find("/", word.find("://") + 3 if "://" in word else 0)
        if path < 0:
            return None
        match = _VERSION_IN_PATH.search(word, path)
        if match is None and _CODE_HOST.search(word, 0, path):
            match = _SHORT_IN_PATH.search(word, path)
        match = match or _VERSION_IN_NAME.search(word, path)
        if match is None or _is_ip(match[0]):
            return None
        archive = _ARCHIVE.search(match[0])
        return self._make("version", match.start(), match.start() + archive.start() if archive else match.end())


def _looks_like_address(word: str) -> bool:
    host, slash, rest = word.partition("/")
    return bool(slash) and "." in host and ":" not in word and "@" not in word and "=" not in word and "/" in rest


def _is_ip(text: str) -> bool:
    parts = text.split(".")
    return len(parts) == 4 and all(map(str.isdigit, parts))


def _is_version(value: str, match: re.Match[str], sense: Meaning) -> bool:
    """Whether a text that begins with a number is a version under a key of that meaning."""
    count = match["numbers"].count(".") + 1
    if sense in VERSION_LIKE and sense is not Meaning.IMAGE:
        return count > 1 or value[0] == "v" or not match["suffix"] or sense is Meaning.TAG
    if sense is Meaning.USES or count > 3:  # behind an @ only; more parts are an address or an object identifier
        return False
    return count == 3 or (count == 2 and value[0] == "v")
