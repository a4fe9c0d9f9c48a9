"""What ``updater coverage`` prints: a summary and what nothing explains as text; every token as JSON."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from updater.coverage.account import Accounted, Coverage, Verdict
from updater.coverage.suggest import Suggestion
from updater.report.inventory import count, table

Json = dict[str, object]


def as_text(found: Coverage) -> Iterator[str]:
    """How many tokens each class has and why, then each unexplained one with what would explain it."""
    yield from table((*_summary(found), ("total", str(found.total), "")))
    if found.beyond:
        yield f"{found.beyond} more managed, not version-like."
    for heading, rows in (("Ignored and known, by reason:", _reasons(found)), ("Files not read:", _unread(found))):
        if rows:
            yield from ("", heading)
            yield from table(rows, indent="  ")
    unexplained = list(found.unexplained)
    if unexplained:
        yield from ("", "Unexplained:")
        for token, line in zip(unexplained, table(map(_cells, unexplained), indent="  "), strict=True):
            yield line
            yield from (f"      {part}" for part in _suggested(token.suggestion))
    yield from (
        "",
        f"{count(found.total, 'token')} in {count(len(found.files), 'file')}, {_verdict(len(unexplained))}.",
    )


def as_json(found: Coverage) -> Iterator[str]:
    """One object: totals, classes, reasons, files, and all tokens."""
    reasons = Counter((token.verdict, token.reason) for token in found.tokens if token.reason)
    document = {
        "total": found.total,
        "classes": _classes(found.tokens),
        "managed_not_version_like": found.beyond,
        "reasons": [
            {"class": str(verdict), "reason": reason, "count": number}
            for (verdict, reason), number in sorted(reasons.items(), key=lambda each: (-each[1], each[0]))
        ],
        "files": {file.path: {"total": len(file.tokens), **_classes(iter(file.tokens))} for file in found.files},
        "unread": found.unread,
        "tokens": [_token(token) for token in found.tokens],
    }
    yield json.dumps(document, indent=2)


def as_jsonl(found: Coverage) -> Iterator[str]:
    """One JSON object a line for each token."""
    return (json.dumps(_token(token)) for token in found.tokens)


RENDERINGS: Mapping[str, Callable[[Coverage], Iterator[str]]] = {"text": as_text, "json": as_json, "jsonl": as_jsonl}


def _summary(found: Coverage) -> Iterator[tuple[str, str, str]]:
    for verdict, number in found.counts.items():
        share = f"{number / found.total:.1%}" if found.total else "-"
        yield str(verdict), str(number), share


def _reasons(found: Coverage) -> list[tuple[str, str, str]]:
    reasons = Counter((str(token.verdict), token.reason) for token in found.tokens if token.reason)
    ordered = sorted(reasons.items(), key=lambda each: (each[0][0], -each[1], each[0][1] or ""))
    return [(verdict, str(number), reason or "") for (verdict, reason), number in ordered]


def _unread(found: Coverage) -> list[tuple[str, str]]:
    return [(str(number), reason) for reason, number in sorted(found.unread.items())]


def _cells(token: Accounted) -> tuple[str, str, str]:
    return f"{token.path}:{token.line}", _place(token), token.value or ""


def _place(token: Accounted) -> str:
    """The path of a token, or at least its key."""
    path = token.suggestion.path if token.suggestion else None
    return path or token.key or "-"


def _suggested(suggestion: Suggestion | None) -> Iterator[str]:
    if suggestion is not None and suggestion.rule is not None:
        yield f"customManagers: {json.dumps(suggestion.rule)}"
    elif suggestion is not None and suggestion.comment is not None:
        yield f"the line above: {suggestion.comment}"


def _verdict(unexplained: int) -> str:
    return f"{unexplained} unexplained" if unexplained else "all explained"


def _classes(tokens: Iterator[Accounted]) -> dict[str, int]:
    found = Counter(token.verdict for token in tokens)
    return {str(verdict): found[verdict] for verdict in Verdict}


def _token(token: Accounted) -> Json:
    suggestion = token.suggestion or Suggestion()
    return {
        "file": token.path,
        "line": token.line,
        "span": list(token.span),
        "kind": token.kind,
        "key": token.key,
        "path": suggestion.path,
        "value": token.value,
        "class": str(token.verdict),
        "reason": token.reason,
        "suggested_rule": suggestion.rule,
        "suggested_comment": suggestion.comment,
    }
