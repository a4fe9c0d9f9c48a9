"""Amazon's private registries: what opens them is made of the credentials that AWS tools find by themselves.

* hosts: ``ACCOUNT.dkr.ecr.REGION.amazonaws.com`` and its kin,
  https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
* the question: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html

botocore finds the credentials (environment, shared files and profiles, web identity of a pod, container, instance,
single sign-on) and signs. It is an extra, and loaded only here: a host rule, or ``docker-credential-ecr-login`` in the
container configuration, do without it. One question is enough for all registries of a region.
"""

import base64
import binascii
import re
from importlib import import_module
from typing import Any

from datasources._answers import items, mapping, text, text_or_none
from updater.api import AuthError, Client, Credentials, InvalidAnswer, Secret

_HOST = re.compile(
    r"[0-9]{12}\.dkr[.-]ecr(?P<fips>-fips)?\.(?P<region>[a-z0-9-]+)\.(?P<domain>amazonaws\.com(?:\.cn)?|on\.aws)"
)
_KEY = re.compile(r"(?:AKIA|ASIA)[A-Z0-9]{12,124}")
_TARGET = "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken"
_QUESTION = "{}"
_EXTRA = "pip install 'gitops-updater[aws]'"


def region_of(host: str) -> str | None:
    """The region of a private registry; None for any other host."""
    match = _HOST.fullmatch(host)
    return match["region"] if match else None


async def credentials(host: str, given: Credentials | None, client: Client) -> Credentials | None:
    """What to say to ``host``: ``given`` by the user, or for a private registry what AWS gives for it.

    A user name and password that are an access key and its secret are exchanged, too. Raises ``AuthError`` with what
    to do where AWS credentials cannot be found, and as ``post`` does.
    """
    region = region_of(host)
    is_key = given is not None and given.password is not None and _KEY.fullmatch(given.username or "") is not None
    if region is None or (given is not None and not is_key):
        return given
    return await client.once(f"ecr {region} {given.username if given else ''}", lambda: _ask(host, given, client))


async def _ask(host: str, key: Credentials | None, client: Client) -> Credentials:
    import asyncio  # here, because a scan loads datasources only for their names

    url = _endpoint(host)
    # In a thread: credentials may come from a file, another program, or a server of Amazon's.
    headers = await asyncio.to_thread(_signed, url, region_of(host) or "", key)
    answer = await client.post(url, json={}, headers=headers, allow=(400,))
    body = mapping(answer.json(), url=url, what="a token")
    if answer.status == 400:
        kind = (text_or_none(body.get("__type")) or "no reason given").rpartition("#")[2]
        raise AuthError(f"{url} does not accept the AWS credentials: {kind}", url=url)
    tokens = items(body.get("authorizationData"), url=url, what="a token")
    first = mapping(tokens[0] if tokens else None, url=url, what="a token")
    return _pair(text(first.get("authorizationToken"), url=url, what="a token"), url)


def _endpoint(host: str) -> str:
    match = _HOST.fullmatch(host)
    assert match is not None
    domain = "amazonaws.com" if match["domain"] == "on.aws" else match["domain"]
    service = "ecr-fips" if match["fips"] else "api.ecr"
    return f"https://{service}.{match['region']}.{domain}/"


def _pair(token: str, url: str) -> Credentials:
    try:
        username, _, password = base64.b64decode(token, validate=True).decode().partition(":")
    except (binascii.Error, ValueError) as error:
        raise InvalidAnswer(f"{url} answered with a token that is none", url=url) from error
    return Credentials(username=username, password=Secret(password))


def _signed(url: str, region: str, key: Credentials | None) -> dict[str, str]:
    """The headers of the question, signed."""
    auth, credentials = _botocore("auth", url), _botocore("credentials", url)
    request = _botocore("awsrequest", url).AWSRequest(
        method="POST",
        url=url,
        data=_QUESTION.encode(),
        headers={"content-type": "application/x-amz-json-1.1", "x-amz-target": _TARGET},
    )
    try:
        if key is not None and key.password is not None:
            found = credentials.Credentials(key.username, key.password.reveal())
        else:
            found = _botocore("session", url).Session().get_credentials()
        if found is None:
            raise AuthError(f"no AWS credentials were found for {url}, in none of the usual places", url=url)
        auth.SigV4Auth(found.get_frozen_credentials(), "ecr", region).add_auth(request)
    except _botocore("exceptions", url).BotoCoreError as error:
        raise AuthError(f"the AWS credentials for {url} cannot be used: {error}", url=url) from error
    return {name.lower(): value for name, value in request.headers.items()}


def _botocore(module: str, url: str) -> Any:
    """A module of botocore, which has no types. Raises ``AuthError`` that says what to install."""
    try:
        return import_module(f"botocore.{module}")
    except ImportError as error:
        raise AuthError(
            f"{url} is not asked: write a host rule, name docker-credential-ecr-login in the container configuration, "
            f"or install what finds AWS credentials: {_EXTRA}",
            url=url,
        ) from error
