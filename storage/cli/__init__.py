"""The researcher's command ``jiedu``; one file a command group."""

from storage.cli.app import main

__all__ = ["main"]
