"""Where Alembic runs a migration: on the connection that `storage.migrate` hands in."""

from alembic import context

from storage.migrate import ours
from storage.tables import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    include_name=ours,
)
with context.begin_transaction():
    context.run_migrations()
