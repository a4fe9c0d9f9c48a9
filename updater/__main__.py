"""``python -m updater``."""

from updater.cli import main

main()
