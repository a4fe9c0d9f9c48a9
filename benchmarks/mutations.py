"""Ways to spoil a file: what editors, merges, templates, broken transfers and enemies do."""

import random
from collections.abc import Callable

MAX_SIZE = 150_000
"""No mutated file is longer, so that what takes long does so for its form and not for its length."""

_TOKENS = (
    *("{{", "}}", "{{- if .x }}", "{{ end }}", "{{/*", "*/}}", "${", "}", "$(", "%{", "<%", "#{", "$[[", "]]"),
    *(
        "---\n",
        "...\n",
        "&a ",
        "*a",
        "<<: *a\n",
        "|\n",
        ">-\n",
        "? ",
        ": ",
        "- ",
        "!!binary ",
        "!include x\n",
        "%YAML 1.2\n",
    ),
    *(
        '"',
        "'",
        "`",
        '"""',
        "'''",
        "\\",
        "\\\n",
        "[",
        "]",
        "{",
        "}",
        "(",
        ")",
        "#",
        "//",
        "/*",
        "*/",
        "<<EOT\n",
        "EOT\n",
    ),
    *(
        "image: ",
        "tag: ",
        "repository: ",
        "version: ",
        "name: ",
        "kind: Secret\n",
        "apiVersion: v1\n",
        "uses: ",
        "FROM ",
    ),
    *(
        "a/b:1.2",
        "a/b@sha256:",
        "sha256:" + 64 * "a",
        "v1.2.3",
        "1.10",
        ">= 1.0, < 2",
        "latest",
        "~",
        "null",
        "0x1F",
        "1e3",
    ),
    *(
        "# renovate: datasource=docker depName=a/b\n",
        "# renovate: ignore\n",
        '# {"$imagepolicy": "a:b"}',
        "ref=v1.0",
        "?ref=",
    ),
)
_CHARACTERS = (
    *("\x00", "\x01", "\x07", "\x08", "\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\xa0", "\u200b", "\u2028", "\u2029"),
    *("\ufeff", "\ufdd0", "\uffff", "\U0001f600", "\r", "\t", "\u0660", "\u00b2", "\uff11", "\u0130"),
)
_OPENERS = (
    "[",
    "{",
    "(",
    "- ",
    "{{",
    "${",
    "${a[",
    '"${',
    "[{a: ",
    "? ",
    "a:\n ",
    "<<EOT\n",
    "/*",
    "!x ",
    "&a [",
    '{"a":',
    "$((",
)
_Mutation = Callable[[random.Random, bytes, bytes], bytes]


def mutated(chance: random.Random, data: bytes, other: bytes) -> tuple[bytes, str]:
    """``data`` after one to three mutations, some of which use ``other``; and the names of these mutations."""
    history = []
    for _ in range(chance.choice((1, 1, 2, 3))):
        mutation = chance.choice(_MUTATIONS)
        data = mutation(chance, data, other)[:MAX_SIZE]
        history.append(mutation.__name__.strip("_"))
    return data, ", ".join(history)


def _slice(chance: random.Random, data: bytes, limit: int = 2_000) -> tuple[int, int]:
    start = chance.randint(0, len(data))
    return start, min(len(data), start + chance.randint(0, limit))


def _inserted(chance: random.Random, data: bytes, piece: bytes) -> bytes:
    place = chance.randint(0, len(data))
    return data[:place] + piece + data[place:]


def _truncate(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    return data[: chance.randint(0, len(data))]


def _behead(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    return data[chance.randint(0, len(data)) :]


def _cut_out(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    start, end = _slice(chance, data, 200)
    return data[:start] + data[end:]


def _double(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    start, end = _slice(chance, data)
    return data[:end] + data[start:end] + data[end:]


def _splice(chance: random.Random, data: bytes, other: bytes) -> bytes:
    start, end = _slice(chance, other)
    return _inserted(chance, data, other[start:end])


def _graft(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """The beginning of one file and the end of another."""
    return data[: chance.randint(0, len(data))] + other[chance.randint(0, len(other)) :]


def _swap_lines(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    if len(lines) > 1:
        one, two = chance.sample(range(len(lines)), 2)
        lines[one], lines[two] = lines[two], lines[one]
    return b"".join(lines)


def _lose_lines(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    kept = chance.uniform(0.5, 0.99)
    return b"".join(line for line in data.splitlines(keepends=True) if chance.random() < kept)


def _indent(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    for _ in range(chance.randint(1, 5) if lines else 0):
        place = chance.randrange(len(lines))
        lines[place] = chance.choice((b" ", b"  ", b"\t", b"- ", b"# ", b'"')) + lines[place].lstrip(b" \t")
    return b"".join(lines)


def _token(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    for _ in range(chance.randint(1, 8)):
        data = _inserted(chance, data, chance.choice(_TOKENS).encode())
    return data


def _behind_a_colon(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    """Put a token where a value begins."""
    places = [place for place in range(len(data)) if data.startswith((b": ", b"= "), place)]
    if places:
        place = chance.choice(places) + 2
        data = data[:place] + chance.choice(_TOKENS).encode() + data[place:]
    return data


def _character(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    for _ in range(chance.randint(1, 5)):
        data = _inserted(chance, data, chance.choice(_CHARACTERS).encode())
    return data


def _noise(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    return _inserted(chance, data, chance.randbytes(chance.randint(1, 40)))


def _overwrite(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 20) if data else 0):
        changed[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(changed)


def _unquote(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    quotes = [place for place, byte in enumerate(data) if byte in b"\"'`{}[]()"]
    if quotes:
        place = chance.choice(quotes)
        data = data[:place] + chance.choice((b"", b'"', b"'", b"{", b"]")) + data[place + 1 :]
    return data


def _crlf(_chance: random.Random, data: bytes, _other: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _mixed_ends(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    ends = (b"\n", b"\r\n", b"\r", b"\n\r", b"\x0b\n", b" \n")
    return b"".join(line + chance.choice(ends) for line in data.split(b"\n"))


def _bom(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    return chance.choice(("\ufeff".encode(), b"\xff\xfe", b"\xef\xbb", 2 * "\ufeff".encode())) + data


def _one_line(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    return chance.choice((b" ", b"", b", ", b"\\n")).join(data.split(b"\n"))


def _long_line(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    """A word of many equal pieces somewhere."""
    piece = chance.choice((*_TOKENS, *_CHARACTERS, "a", " ", "a/", "a.", "1.", "-", "_", "a:", "a: b, ", '="a" ', "\\"))
    return _inserted(chance, data, piece.encode() * (chance.choice((300, 5_000, 100_000)) // len(piece.encode())))


def _repeated(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    """A part of the file again and again, as in a list of thousands."""
    start, end = _slice(chance, data, 300)
    times = chance.choice((20, 500, 5_000))
    return data[:end] + data[start:end] * times + data[end:] if end > start else data


def _repeated_lines(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    start = chance.randint(0, len(lines))
    end = start + chance.randint(1, 12)
    return b"".join((*lines[:end], *(lines[start:end] * chance.choice((20, 300, 3_000))), *lines[end:]))


def _deep(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    opener = chance.choice(_OPENERS).encode()
    return _inserted(chance, data, opener * chance.choice((60, 300, 3_000, 30_000)))


def _stairs(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    """Block collections, each inside of the one before."""
    line = chance.choice((b"a:\n", b"- \n", b"image:\n", b"spec:\n", b"a {\n", b"? \n"))
    return _inserted(
        chance, data, b"\n" + b"".join(b" " * depth + line for depth in range(chance.choice((50, 250, 400))))
    )


def _aliases(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    """Anchors that hold aliases of the anchors before, which would be as many things as two to the power of 40."""
    rows = "".join(f"a{number}: &a{number} [*a{number - 1}, *a{number - 1}]\n" for number in range(1, 40))
    merges = "".join(
        f"m{number}: &m{number} {{<<: [*m{number - 1}, *m{number - 1}], image: a/b:1.{number}}}\n"
        for number in range(1, 40)
    )
    text = chance.choice((f"a0: &a0 [a/b:1.2]\n{rows}", f"m0: &m0 {{image: a/b:1.0}}\n{merges}"))
    return text.encode() + data if chance.random() < 0.5 else data + b"\n" + text.encode()


def _wide_merges(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    """Many mappings that merge one large mapping."""
    many = chance.choice((100, 2_000))
    base = "".join(f"  k{number}: a/b:1.{number}\n" for number in range(many))
    rows = "".join(f"m{number}: {{<<: *base, image: a/b:1.{number}}}\n" for number in range(many))
    return data + f"\nbase: &base\n{base}{rows}".encode()


def _minified(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    """Thousands of versions in one line."""
    element = chance.choice(
        (
            '{"image":"a/b:1.2"}',
            '{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"image":"a/b:1.2"}]}}',
            '{"repository":"a/b","tag":"1.2"}',
        )
    )
    text = ",".join([element] * chance.choice((100, 1_500)))
    if chance.random() < 0.5:
        return f'{{"apiVersion":"v1","kind":"List","items":[{text}]}}'.encode()
    return data + f"\nitems: [{text}]\n".encode()


def _exchange_numbers(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    """Other versions, empty ones and odd ones."""
    values = ("", "0", "9" * 30, "1.2.3.4.5", "v", "-1", "1.x", "*", "2024.01.02", "1.0.0-rc.1+b", "①", "NaN", "0.0")
    changed = data.decode("utf-8", "surrogateescape").split("1.")
    result = changed[0] + "".join(
        (chance.choice(values) if chance.random() < 0.3 else "1.") + part for part in changed[1:]
    )
    return result.encode("utf-8", "surrogateescape")


_MUTATIONS: tuple[_Mutation, ...] = (
    *(_truncate, _behead, _cut_out, _double, _splice, _graft, _swap_lines, _lose_lines, _indent, _token, _token),
    *(_behind_a_colon, _behind_a_colon, _character, _noise, _overwrite, _unquote, _unquote, _crlf, _mixed_ends, _bom),
    *(
        _one_line,
        _long_line,
        _long_line,
        _repeated,
        _repeated_lines,
        _deep,
        _stairs,
        _aliases,
        _wide_merges,
        _minified,
        _exchange_numbers,
    ),
)
