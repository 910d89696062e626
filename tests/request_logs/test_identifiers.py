"""Ids are ordered by time, and say it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from request_logs.identifiers import first_at, time_of, time_ordered


def test_an_id_is_a_uuid_of_version_7() -> None:
    made = [time_ordered() for _ in range(200)]
    assert {(one.version, one.variant) for one in made} == {(7, "specified in RFC 4122")}
    assert len(set(made)) == 200


def test_ids_are_ordered_by_their_time() -> None:
    made = [time_ordered(at_us * 1000) for at_us in range(5_000_000, 5_000_100)]
    assert made == sorted(made)


def test_an_id_says_its_moment() -> None:
    assert abs(time_of(time_ordered()) - datetime.now(UTC)) < timedelta(seconds=5)


def test_the_ids_of_a_moment_are_above_its_lowest() -> None:
    moment = datetime(2026, 11, 21, 10, 0, 0, 123000, UTC)
    at_ns = round(moment.timestamp() * 1000) * 1_000_000
    assert time_ordered(at_ns - 1) < first_at(moment) <= time_ordered(at_ns)
