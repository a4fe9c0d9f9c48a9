"""Google's private registries: opened by a service account's key, or the account that a machine or pod runs as.

* hosts: ``REGION-docker.pkg.dev``, ``gcr.io``, ``REGION.gcr.io``
* https://docs.cloud.google.com/artifact-registry/docs/docker/authentication#json-key, …#token
* https://docs.cloud.google.com/compute/docs/access/authenticate-workloads#applications

The key is the file that ``GOOGLE_APPLICATION_CREDENTIALS`` names. For people and for workload identities of other
clouds, ``docker-credential-gcloud`` (or ``-gcr``) in the container configuration opens them, as does a host rule.
"""

import json
import os
import re
from pathlib import Path

from datasources._answers import mapping, text
from updater.api import Client, Credentials, RequestError, Secret

_HOST = re.compile(r"[a-z0-9-]+-docker\.pkg\.dev|(?:[a-z]+\.)?gcr\.io")
_PATH = "/computeMetadata/v1/instance/service-accounts/default/token"


def is_google(host: str) -> bool:
    """Whether ``host`` is one of Google's registries for customers."""
    return _HOST.fullmatch(host) is not None


async def credentials(client: Client) -> Credentials | None:
    """What the account of this process says to Google's registries; None where it has none."""
    return await client.once("google account", lambda: _ask(client))


async def _ask(client: Client) -> Credentials | None:
    return _key() or await _machine(client)


def _key() -> Credentials | None:
    """The key of a service account is a password as it is; other kinds of credentials are none."""
    name = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    try:
        text = Path(name).read_text() if name else "{}"
        said = json.loads(text)
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or said.get("type") != "service_account":
        return None
    return Credentials(username="_json_key", password=Secret(text))


async def _machine(client: Client) -> Credentials | None:
    url = f"http://{os.environ.get('GCE_METADATA_HOST') or 'metadata.google.internal'}{_PATH}"
    try:
        answer = await client.get(url, headers={"Metadata-Flavor": "Google"}, cacheable=False)
        body = mapping(answer.json(), url=url, what="a token")
        token = text(body.get("access_token"), url=url, what="a token")
    except RequestError:
        return None
    return Credentials(username="oauth2accesstoken", password=Secret(token))
