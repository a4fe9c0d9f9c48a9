"""Azure's registries: opened by the service principal that Azure's own tools find in the environment.

* hosts: ``NAME.azurecr.io``, and those of Azure in China and for governments
* https://learn.microsoft.com/azure/container-registry/container-registry-auth-service-principal: its id and secret are
  a name and a password
* https://learn.microsoft.com/python/api/azure-identity/azure.identity.environmentcredential: the variables

For people, managed identities and workload identities, ``docker-credential-acr-env`` in the container configuration,
or ``az acr login``, opens them.
"""

import os
import re

from updater.api import Credentials, Secret

_HOST = re.compile(r"[a-z0-9-]+\.azurecr\.(?:io|cn|us)")


def credentials(host: str) -> Credentials | None:
    """What the environment says to a registry of Azure's; None for other hosts, and where it says nothing."""
    client_id, secret = os.environ.get("AZURE_CLIENT_ID"), os.environ.get("AZURE_CLIENT_SECRET")
    if not (client_id and secret and _HOST.fullmatch(host)):
        return None
    return Credentials(username=client_id, password=Secret(secret))
