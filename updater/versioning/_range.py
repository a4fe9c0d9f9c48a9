"""A versioning with ranges: what they admit, and how they follow new versions."""

from collections.abc import Callable, Iterator
from functools import lru_cache

from updater.versioning._clause import Alternative, Clause, Kind, Range
from updater.versioning._rewrite import New, edited, least, precise, spelled_out, whole, with_alternative
from updater.versioning._scheme import MAX_LENGTH, Scheme, Version

_REMEMBERED = 1_024
_FIXED = {Kind.FROM, Kind.ABOVE, Kind.EXCEPT}
"""Conditions that are never changed to admit a version: it is too low for them, or was excluded on purpose."""
_UPPER = {Kind.BELOW, Kind.UP_TO}
_RAISED = {Kind.FROM, Kind.CARET, Kind.TILDE, Kind.PESSIMISTIC}


class RangeScheme(Scheme):
    """A versioning whose values are versions or ranges.

    ``parse`` returns None for what is neither. ``prerelease_fits`` says whether an alternative whose conditions a
    prerelease meets is meant to admit it. ``alternatives`` says that the dialect has ``||``. With fewer numbers than
    ``complete`` a version is (also) a range.
    """

    def __init__(
        self,
        name: str,
        read: Callable[[str], Version | None],
        parse: Callable[[str], Range | None],
        *,
        prerelease_fits: Callable[[Alternative, Version], bool],
        alternatives: bool,
        complete: int = 1,
    ) -> None:
        super().__init__(name, read)
        self._complete = complete
        self._parse_once = lru_cache(maxsize=_REMEMBERED)(parse)
        self._prerelease_fits = prerelease_fits
        self._alternatives = alternatives

    def is_valid(self, value: str, /) -> bool:
        """Whether ``value`` is a version or a range."""
        return super().is_valid(value) or self._parse(value) is not None

    def is_single(self, value: str, /) -> bool:
        """Whether ``value`` names exactly one version: ``1.2.3``, ``= 1.2.3``."""
        return self._single(value) is not None

    def matches(self, version: str, range_: str, /) -> bool:
        """Whether ``version`` lies in ``range_``."""
        found = self._read(version)
        return found is not None and self.admits(range_, found)

    def single(self, text: str, /) -> Version | None:
        """The version that ``text`` names if it is exactly one; most need not be parsed as a range to tell."""
        found = super().single(text)
        if found is not None and len(found.numbers) >= self._complete:
            return found
        return self._read(text) if self.is_single(text) else None

    def admits(self, range_: str, version: Version, /) -> bool:
        """Whether a version that was read lies in ``range_``."""
        return any(self._admits(alternative, version) for alternative in self._parse(range_) or ())

    def new_value(
        self, current_value: str, _current_version: str | None, new_version: str, range_strategy: str, /
    ) -> str | None:
        """The range, edited where it stands so that it admits ``new_version``; a single version as it is published.

        ``replace`` moves a range that shuts the version out; explicit bounds and alternatives are kept and extended.
        ``widen`` also keeps what the range admits now. ``bump`` raises lower bounds, in the parts that are written.
        """
        found, range_ = self._read(new_version), self._parse(current_value)
        if found is None or range_ is None:
            return None
        texts = self._texts(current_value, range_, New(new_version, found), range_strategy)
        text = next((text for text in texts if self.matches(new_version, text)), None)
        return None if text == current_value else text

    def _texts(self, text: str, range_: Range, new: New, strategy: str) -> Iterator[str]:
        """What could be written, best first; some of it may shut the new version out."""
        single = self._single(text)
        if single is not None:
            yield edited(text, [(single.span, new.text)])
        elif strategy == "pin":
            yield new.text
        elif strategy == "bump":
            yield from self._bumped(text, range_, new)
        else:
            yield text
            yield from self._extended(text, range_, new, widen=strategy == "widen")

    def _bumped(self, text: str, range_: Range, new: New) -> Iterator[str]:
        for form in (precise, whole):
            for base in (text, *self._extended(text, range_, new, widen=False)):
                clauses = self._alternative_for(new, base)
                yield edited(base, [(clause.span, form(clause, new)) for clause in clauses if clause.kind in _RAISED])

    def _extended(self, text: str, range_: Range, new: New, *, widen: bool) -> Iterator[str]:
        """The last alternative made to admit the new version: in its place, or added to the others."""
        shutting_out = [clause for clause in range_[-1] if not clause.admits(new.version.key)]
        if any(clause.kind in _FIXED for clause in shutting_out):
            return
        in_place = all(clause.kind in _UPPER for clause in shutting_out) or not (widen or len(range_) > 1)
        if not in_place and not self._alternatives:
            yield edited(text, [spelled_out(text, clause, new) for clause in shutting_out])
            return
        for form in (least, precise, whole):
            edits = [(clause.span, form(clause, new)) for clause in shutting_out]
            yield edited(text, edits) if in_place else with_alternative(text, range_, edits)

    def _alternative_for(self, new: New, text: str) -> Alternative:
        """The alternative that admits the new version, or the last."""
        range_ = self._parse(text) or ((),)
        return next((each for each in range_ if self._admits(each, new.version)), range_[-1])

    def _admits(self, alternative: Alternative, version: Version) -> bool:
        met = all(clause.admits(version.key) for clause in alternative)
        return met and (version.stable or self._prerelease_fits(alternative, version))

    def _single(self, value: str) -> Clause | None:
        match self._parse(value):
            case ((Clause(kind=Kind.EXACT) as clause,),):
                return clause
        return None

    def _parse(self, value: str) -> Range | None:
        return self._parse_once(value) if len(value) <= MAX_LENGTH else None

    def _read(self, version: str) -> Version | None:
        """Also a value that names one version (``= 1.2.3``) is read as that version."""
        found = super()._read(version)
        if found is None and (single := self._single(version)) is not None:
            return super()._read(version[single.span.start : single.span.end])
        return found
