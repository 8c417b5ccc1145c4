"""Alembic's entry: always online, on the connection that ops.database.migrate passes in."""

from alembic import context

from ops.database.migrate import TABLES

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=TABLES,
    version_table="alembic_version",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
