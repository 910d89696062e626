"""The number of segments."""

from __future__ import annotations

import pytest

from ml_services.segmentation.search import DEFAULT_K, Tried, choose, try_all
from tests.ml_services.segmentation.people import blobs


def tried(k: int, silhouette: float, stability: float, smallest: float = 0.2) -> Tried:
    return Tried(k, silhouette, stability, smallest, 0.0)


@pytest.mark.parametrize("k", [3, 4])
def test_groups_that_are_there_are_counted(k: int) -> None:
    Z = blobs([(0, 0), (4, 0), (0, 4), (4, 4)][:k], 60)
    chosen, decided = choose(try_all(Z, 1, lambda share: None))
    assert (chosen.k, decided) == (k, True)
    assert chosen.stability > 0.95


def test_splitting_off_an_outlier_does_not_pay() -> None:
    chosen, _ = choose([tried(3, 0.55, 0.5, 0.005), tried(2, 0.4, 0.95)])
    assert chosen.k == 2


def test_without_structure_the_default_is_taken_and_said_to_be_one() -> None:
    chosen, decided = choose([tried(k, 0.2, 0.5) for k in range(2, 11)])
    assert (chosen.k, decided) == (DEFAULT_K, False)


def test_of_a_continuum_two_halves_are_not_taken_where_the_default_is_stable() -> None:
    halves = [tried(2, 0.35, 0.95), tried(5, 0.28, 0.7)]
    assert choose(halves)[0].k == 2
    assert choose(halves, continuum=True)[0].k == 5
    assert choose([tried(2, 0.35, 0.95), tried(5, 0.28, 0.4)], continuum=True)[0].k == 2
    assert choose([tried(2, 0.6, 0.95), tried(5, 0.28, 0.9)], continuum=True)[0].k == 2


def test_few_rows_allow_few_segments() -> None:
    assert [one.k for one in try_all(blobs([(0, 0), (4, 4)], 16), 1, lambda share: None)] == [2, 3]
