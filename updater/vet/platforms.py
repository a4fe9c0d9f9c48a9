"""Whether an image runs wherever the one in use does.

Both are asked about, for every image that is about to be proposed. For the new one that costs a request which also
proves that it can be pulled and tells its digest and, for many, its date; for the one in use a further request, which
is the price of knowing that nothing gets lost: to compare with usual platforms instead would miss what homes and
factories run on. Who says in ``platforms`` what the clusters are made of saves it, unless the new image lacks some of
that. An image for a single platform names it in its configuration only, which is one more request.

What a digest stands for is asked once for as long as the cache lives. What a tag stands for is known for a day when it
is proposed, half an hour where its digest is written down, and a week when it is in use: by then most were proposals.
"""

import re
from collections.abc import Iterable

_VARIANT = re.compile(r"v(?P<number>[0-9]{1,3})")


def lacking(new: frozenset[str], current: frozenset[str]) -> list[str]:
    """The platforms of the ``current`` image that the ``new`` one does not run on; none while either is unknown."""
    if not new:
        return []
    return sorted(platform for platform in current if not _runs(platform, new))


def needed(current: frozenset[str], declared: frozenset[str]) -> frozenset[str]:
    """Of the platforms of the image in use those that the clusters are ``declared`` to have; all, if nothing is."""
    return frozenset(each for each in declared if _runs(each, current)) if declared else current


def _runs(platform: str, image: Iterable[str]) -> bool:
    """Whether an image for these platforms runs on ``platform``: a later variant runs what is for an earlier one."""
    kind, variant = _parts(platform)
    return any(other == kind and needed <= variant for other, needed in map(_parts, image))


def _parts(platform: str) -> tuple[str, int]:
    """``linux/arm/v7`` → ``linux/arm`` and 7; without variant 0. One that is no number belongs to the kind."""
    system, _, rest = platform.partition("/")
    architecture, _, variant = rest.partition("/")
    match = _VARIANT.fullmatch(variant)
    if variant and match is None:
        return platform, 0
    return f"{system}/{architecture}", int(match["number"]) if match else 0
