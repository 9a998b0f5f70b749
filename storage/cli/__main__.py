"""``python -m storage.cli``: the ``jiedu`` command without its installed script."""

from storage.cli.app import main

main()
