"""The statements that write records: whole sets at a time."""

from __future__ import annotations

from functools import lru_cache

from platform_core.records.kinds import FIRST, SQL_TYPES, Kind, kind_of

WRITE = """
WITH given AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(rows)s) AS given({types})
), before AS MATERIALIZED (
    SELECT own.* FROM {table} AS own JOIN given USING (external_id)
    WHERE own.company_id = %(company)s AND own.source = %(source)s
), compared AS MATERIALIZED (
    SELECT before.id, given.source_updated_at, before.source_updated_at > given.source_updated_at AS stale,
        jsonb_build_object({olds}) AS was, jsonb_build_object({news}) AS said
    FROM given LEFT JOIN before USING (external_id)
), changes AS (
    INSERT INTO records_recordchange (company_id, kind, record_id, until, was, recorded_at)
    SELECT %(company)s, %(kind)s, id, source_updated_at, (
        SELECT jsonb_object_agg(key, value) FROM jsonb_each(was) WHERE value IS DISTINCT FROM said -> key
    ), now()
    FROM compared WHERE id IS NOT NULL AND NOT stale AND was <> said
), written AS (
    INSERT INTO {table} AS own (company_id, source, external_id, source_updated_at, known_since, recorded_at,
        {names}{link})
    SELECT %(company)s, %(source)s, external_id, source_updated_at, source_updated_at, now(), {names}{owner}
    FROM given ORDER BY external_id
    ON CONFLICT (company_id, source, external_id) DO UPDATE
    SET source_updated_at = EXCLUDED.source_updated_at, {sets}{relink}
    WHERE own.source_updated_at < EXCLUDED.source_updated_at
        OR (own.source_updated_at = EXCLUDED.source_updated_at AND ({own}) IS DISTINCT FROM ({excluded}))
)
SELECT count(*) FILTER (WHERE id IS NULL), count(*) FILTER (WHERE NOT stale AND was <> said),
    count(*) FILTER (WHERE NOT stale AND was = said), count(*) FILTER (WHERE stale)
FROM compared
"""
"""All parts see the table as it was before: the writer's lock lets nobody change it meanwhile."""
OWNER = """(
    SELECT customer.id FROM records_customer AS customer WHERE customer.company_id = %(company)s
        AND customer.source = %(source)s AND customer.external_id = {ref}
)"""
LINK = """
UPDATE {table} AS own SET customer_id = {owner}
WHERE own.company_id = %(company)s AND own.source = %(source)s AND own.customer_ref = ANY(%(marks)s)
    AND own.customer_id IS NULL
"""
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
"""One writer at a time for a company, a kind and a source."""


@lru_cache(maxsize=16)
def write(name: str) -> str:
    """Writes one version of each record: takes what is newer, keeps what it said before, and counts."""
    kind = kind_of(name)
    names = [column.name for column in kind.columns]
    return WRITE.format(
        table=f'"{kind.table}"',
        types=", ".join(f"{column.name} {SQL_TYPES[column.kind]}" for column in (*FIRST, *kind.columns)),
        names=", ".join(names),
        olds=", ".join(f"'{one}', before.{one}" for one in names),
        news=", ".join(f"'{one}', given.{one}" for one in names),
        sets=", ".join(f"{one} = EXCLUDED.{one}" for one in names),
        own=", ".join(f"own.{one}" for one in names),
        excluded=", ".join(f"EXCLUDED.{one}" for one in names),
        link=", customer_id" if kind.owned else "",
        owner=f", {OWNER.format(ref='given.customer_ref')}" if kind.owned else "",
        relink=", customer_id = EXCLUDED.customer_id" if kind.owned else "",
    )


def link(kind: Kind) -> str:
    """Lets rows that wait for a customer point to it."""
    return LINK.format(table=f'"{kind.table}"', owner=OWNER.format(ref="own.customer_ref"))


__all__ = ["LOCK", "link", "write"]
