"""Asking a hub."""
