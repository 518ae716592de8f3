"""Made by generate.py from the hub's OpenAPI document (openapi-python-client 0.29.1)."""

from .client import AuthenticatedClient, Client

__all__ = ("AuthenticatedClient", "Client")
