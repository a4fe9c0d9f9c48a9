"""Where the API of an Ansible Galaxy is, public or private."""

from urllib.parse import urlsplit

from datasources._registries import base_url

GALAXY = "https://galaxy.ansible.com"


def api(registry_url: str) -> str:
    """The API of the Galaxy at ``registry_url``: the address itself if it has a path, as that of a private hub does."""
    url = base_url(registry_url)
    return url if urlsplit(url).path else f"{url}/api"
