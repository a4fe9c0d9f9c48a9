"""Servers for the tests: loopback only, on a free port, started by ``with`` and gone afterwards."""

from updater.demo.serving import NOT_FOUND, Asked, Reply, Request, Server, as_json

__all__ = ["NOT_FOUND", "Asked", "Reply", "Request", "Server", "as_json"]
