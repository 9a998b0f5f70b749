"""`jiedu migrate`: create an archive or bring it to this release's schema."""

import typer


def migrate(context: typer.Context) -> None:
    """Create the archive, or upgrade it to the schema of this release."""
    with context.obj.open(create=True) as archive:
        typer.echo(f"{archive.address} is up to date")
