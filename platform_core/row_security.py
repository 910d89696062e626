"""The second wall between companies: row-level security of PostgreSQL.

Each statement is sent with the scope in force in front of it, as one implicit or within the open transaction
(`set_config(…, true)`: local to it), so that no pooled connection can carry a company over to the next request. The
policies are forced on the tables' owner, and the application's role bypasses nothing. Foreign-key checks do pass by
policies: keys between tenant tables therefore hold the company too (`composite_key`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.operations import RunSQL

from platform_core.tenancy import WHOLE_INSTALLATION, scope_text

SETTING = "app.company_id"
POLICY = "own_company"
SHARED = "shared_rows"
_NOW = f"(SELECT current_setting('{SETTING}', true))"
_WIDE = f"{_NOW} = '{WHOLE_INSTALLATION}'"
_OWN = f"(SELECT NULLIF(NULLIF(current_setting('{SETTING}', true), ''), '{WHOLE_INSTALLATION}')::bigint)"
"""Sub-selects, so that the planner computes them once a statement and the company's index still serves."""

SAVEPOINTS = ("SAVEPOINT ", "RELEASE ", "ROLLBACK TO ")
"""Read no table, and must work in a transaction that an error has stopped, where a SELECT beside them would not."""

Execute = Callable[[Any, Any, bool, dict[str, Any]], Any]


def send_scope(execute: Execute, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """The execute wrapper of every connection. Outside a transaction a statement with no scope needs none said."""
    scope, connection = scope_text(), context["connection"]
    if (not scope and not connection.in_atomic_block) or str(sql).startswith(SAVEPOINTS):
        return execute(sql, params, many, context)
    statement = f"SELECT set_config('{SETTING}', '{scope}', true)"
    cursor = context["cursor"].cursor
    if isinstance(sql, str) and not many and not getattr(cursor, "name", None):
        result = execute(f"{statement}; {sql}", params, many, context)
        cursor.nextset()
        return result
    # A server's cursor, or one statement with many parameters, takes no second statement beside it.
    with transaction.atomic(using=connection.alias, savepoint=False):
        with connection.connection.cursor() as plain:
            plain.execute(statement)
        return execute(sql, params, many, context)


def watch_connection(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Receiver of `connection_created`."""
    if send_scope not in connection.execute_wrappers:
        connection.execute_wrappers.append(send_scope)


def watch_connections() -> None:
    """The same for connections that were open before."""
    for connection in connections.all(initialized_only=True):
        watch_connection(connection)


def protect(table: str, *, shared: bool = False, column: str = "company_id") -> RunSQL:
    """A migration's operation: only rows of the company in force are seen and taken. `shared`: rows of no company
    are seen by all, and written by the installation alone."""
    own = f"{_WIDE} OR {column} = {_OWN}"
    reading = f'CREATE POLICY {SHARED} ON "{table}" FOR SELECT USING ({column} IS NULL);' if shared else ""
    return RunSQL(
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY; ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY; '
        f'CREATE POLICY {POLICY} ON "{table}" USING ({own}) WITH CHECK ({own}); {reading}',
        f'DROP POLICY {POLICY} ON "{table}"; DROP POLICY IF EXISTS {SHARED} ON "{table}"; '
        f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY; '
        f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY;',
    )


def composite_key(table: str, column: str, to_table: str, *, cascade: bool = False) -> RunSQL:
    """A migration's operation: `column` may name only a row of its own company in `to_table` (id, company_id).
    `cascade`: the row goes with the one it names, whoever removes that."""
    ending = "ON DELETE CASCADE " if cascade else ""
    name, unique = f"{table}_{column}_own_company", f"{to_table}_id_company"
    return RunSQL(
        f'CREATE UNIQUE INDEX IF NOT EXISTS {unique} ON "{to_table}" (company_id, id); '
        f'ALTER TABLE "{table}" ADD CONSTRAINT {name} FOREIGN KEY (company_id, {column}) '
        f'REFERENCES "{to_table}" (company_id, id) {ending}DEFERRABLE INITIALLY DEFERRED;',
        f'ALTER TABLE "{table}" DROP CONSTRAINT {name};',
    )


__all__ = ["POLICY", "SETTING", "composite_key", "protect", "send_scope", "watch_connection", "watch_connections"]
