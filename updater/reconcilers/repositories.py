"""Git addresses as reconcilers and forges write them, and whether two mean the same repository."""

import re

_SCP = re.compile(r"(?:[\w.-]+@)?([\w.-]+):(?!//)(.+)")
_URL = re.compile(r"[a-z+]+://(?:[^/@]*@)?([^/:]+)(?::\d+)?/(.+)", re.IGNORECASE)


def normalised(url: str) -> str:
    """One form for all ways to write an address: ``host/owner/name``, in lower case, without ``.git``.

    What is no such address (a path, say) comes back as it is, without ``.git`` and a slash at the end.
    """
    text = url.strip()
    match = _URL.fullmatch(text) or _SCP.fullmatch(text)
    plain = f"{match[1]}/{match[2]}" if match else text
    return plain.strip("/").lower().removesuffix(".git") if match else text.rstrip("/").removesuffix(".git")
