"""Alembic's entry: runs the migrations on the connection that ``storage.opening`` hands over."""

from alembic import context

from storage.schema import Table

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Table.metadata
)
context.run_migrations()
