"""Evidence levels, hold-outs and folds."""

import numpy as np
import pytest

from ml_services import splitting
from ml_services.splitting import evidence_level, make_split
from ml_services.targets import Target
from platform_core.errors import TrainingRefused


def target(y, task="binary", labels=("no", "yes")):
    y = np.asarray(y, dtype=float)
    return Target("t", task, y, np.arange(len(y)), labels if task != "value" else (), 0)


def yes_no(rarer, total=1000):
    return target([1.0] * rarer + [0.0] * (total - rarer))


@pytest.mark.parametrize(
    ("rarer", "level"), [(10, "provisional"), (39, "provisional"), (40, "standard"), (119, "standard"), (120, "full")]
)
def test_evidence_follows_the_rarer_class(rarer, level):
    assert evidence_level(yes_no(rarer)) == level


def test_too_few_are_refused_with_how_many_more():
    with pytest.raises(TrainingRefused, match=r"7 rows of 'yes'.*3 more"):
        evidence_level(yes_no(7))


def test_amounts_count_the_rows_above_zero():
    with pytest.raises(TrainingRefused, match=r"4 rows with an amount above zero.*6 more"):
        evidence_level(target([0.0] * 500 + [1.0, 2.0, 3.0, 4.0], "value"))


def test_the_holdout_is_a_fifth_of_each_class_and_in_no_fold():
    split = make_split(yes_no(200), "full", None, seed=1)
    held = set(split.holdout.tolist())
    assert len(held) == 200
    assert sum(row < 200 for row in held) == 40
    for learned, judged in split.folds:
        assert not held & (set(learned.tolist()) | set(judged.tolist()))
        assert not set(learned.tolist()) & set(judged.tolist())


def test_each_row_is_judged_once_and_each_fold_has_each_class():
    split = make_split(yes_no(200), "full", None, seed=1)
    judged = np.concatenate([rows for _, rows in split.folds])
    assert sorted(judged.tolist()) == split.development.tolist()
    assert {int((rows < 200).sum()) for _, rows in split.folds} == {32}


def test_little_data_is_judged_several_times_without_a_holdout():
    split = make_split(yes_no(20, 100), "provisional", None, seed=1)
    assert len(split.holdout) == 0
    assert len(split.folds) == 20


def test_the_same_seed_gives_the_same_split_and_another_another():
    one, same, other = (make_split(yes_no(200), "full", None, seed=seed).holdout.tolist() for seed in (1, 1, 2))
    assert one == same != other


def test_by_time_the_newest_rows_are_held_out_and_folds_look_forward():
    rng = np.random.default_rng(0)
    when = rng.permutation(1000).astype(float)
    split = make_split(target(rng.random(1000) < 0.3), "full", when, seed=1)
    assert split.kind == "time"
    assert when[split.holdout].min() > when[split.development].max()
    for learned, judged in split.folds:
        assert when[learned].max() < when[judged].min()


def test_rows_without_a_time_count_as_the_oldest():
    rng = np.random.default_rng(0)
    when = np.arange(1000, dtype=float)
    when[990:] = np.nan
    split = make_split(target(rng.random(1000) < 0.3), "full", when, seed=1)
    assert not set(range(990, 1000)) & set(split.holdout.tolist())
    assert "10 rows have no time" in split.notes[0]


def test_a_class_that_stopped_long_ago_gives_a_split_by_class():
    y = np.zeros(1000)
    y[:200] = 1
    split = make_split(target(y), "full", np.arange(1000, dtype=float), seed=1)
    assert split.kind == "stratified"
    assert split.notes


@pytest.mark.parametrize("when", [None, np.arange(5000.0)], ids=["random", "by time"])
def test_of_very_many_rows_no_more_are_held_out_than_judge_surely(monkeypatch, when):
    monkeypatch.setattr(splitting, "ENOUGH_HELD", 300)
    monkeypatch.setattr(splitting, "ENOUGH_RARER_HELD", 20)
    y = np.random.default_rng(0).permutation([1.0] * 1000 + [0.0] * 4000)
    split = make_split(target(y), "full", when, seed=1)
    assert len(split.holdout) == 300
    assert not set(split.holdout.tolist()) & set(split.development.tolist())


def test_a_rare_class_is_held_out_in_enough_rows(monkeypatch):
    monkeypatch.setattr(splitting, "ENOUGH_HELD", 300)
    monkeypatch.setattr(splitting, "ENOUGH_RARER_HELD", 30)
    split = make_split(yes_no(200, 5000), "full", None, seed=1)
    assert len(split.holdout) == 750
    assert (split.holdout < 200).sum() == 30
