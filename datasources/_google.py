"""Google's private registries: opened by the account that a machine or pod at Google's runs as.

* hosts: ``REGION-docker.pkg.dev``, ``gcr.io``, ``REGION.gcr.io``
* https://docs.cloud.google.com/artifact-registry/docs/docker/authentication#token
* https://docs.cloud.google.com/compute/docs/access/authenticate-workloads#applications

Elsewhere than at Google's, ``docker-credential-gcloud`` (or ``-gcr``) in the container configuration, or a host rule,
opens them.
"""

import os
import re

from datasources._answers import mapping, text
from updater.api import Client, Credentials, RequestError, Secret

_HOST = re.compile(r"[a-z0-9-]+-docker\.pkg\.dev|(?:[a-z]+\.)?gcr\.io")
_PATH = "/computeMetadata/v1/instance/service-accounts/default/token"


def is_google(host: str) -> bool:
    """Whether ``host`` is one of Google's registries for customers."""
    return _HOST.fullmatch(host) is not None


async def credentials(client: Client) -> Credentials | None:
    """What this machine's own account says to Google's registries; None elsewhere than at Google's."""
    return await client.once("google account", lambda: _ask(client))


async def _ask(client: Client) -> Credentials | None:
    url = f"http://{os.environ.get('GCE_METADATA_HOST') or 'metadata.google.internal'}{_PATH}"
    try:
        answer = await client.get(url, headers={"Metadata-Flavor": "Google"}, cacheable=False)
        body = mapping(answer.json(), url=url, what="a token")
        token = text(body.get("access_token"), url=url, what="a token")
    except RequestError:
        return None
    return Credentials(username="oauth2accesstoken", password=Secret(token))
