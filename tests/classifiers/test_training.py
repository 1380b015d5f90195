"""Training: two phases, the best epoch, early stopping, and going on after a kill with the same end."""

import copy

import numpy as np
import pytest
import torch

from courtside.classifiers.protocol import Examples, FitSettings, Phase
from courtside.classifiers.ultralytics_classifier import UltralyticsClassifier
from courtside.errors import UserError

NONE = Phase(0, 0.001)


def classifier(labels=("no_ball", "ball"), seed=0):
    return UltralyticsClassifier("yolov8n-cls", labels, 48, seed=seed)


def settings(head=NONE, whole=NONE, patience=100, seed=0):
    return FitSettings(head, whole, batch=16, patience=patience, seed=seed)


def ignore(epoch):
    pass


class KilledError(Exception):
    pass


@pytest.mark.parametrize("labels", [("no_ball", "ball"), ("none", "orange", "blue")])
def test_it_learns_and_keeps_the_best_epoch(drawn, tmp_path, labels):
    k = len(labels)
    model, seen, steps = classifier(labels), [], []
    history = model.fit(
        drawn(96, 0, k),
        drawn(18, 1, k),
        settings(whole=Phase(12, 0.003)),
        tmp_path,
        lambda epoch: seen.append(epoch.number),
        lambda done, total: steps.append((done, total)),
    )
    assert seen == [epoch.number for epoch in history] == list(range(1, 13))
    assert steps[-1] == (72, 72)
    assert history[-1].train_loss < history[0].train_loss
    test = drawn(36, 2, k)
    probabilities = model.predict(iter(test), batch=8)
    assert probabilities.shape == (36, k)
    assert probabilities.sum(axis=1) == pytest.approx(1)
    assert (probabilities.argmax(axis=1) == test.classes).mean() >= 0.85
    val = model.predict(drawn(18, 1, k))
    loss = -np.log(val[np.arange(18), drawn(18, 1, k).classes]).mean()
    assert loss == pytest.approx(min(epoch.val_loss for epoch in history), rel=1e-4)


def test_the_first_phase_moves_the_head_alone_and_the_second_all(drawn, tmp_path):
    model = classifier()
    before = copy.deepcopy(model.model.state_dict())
    head = model.fit(drawn(32, 0), drawn(8, 1), settings(head=Phase(2, 0.01)), tmp_path / "head", ignore)
    after = model.model.state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all(name.startswith("model.9.") for name in changed)  # nor have the means of batch normalisation moved
    both = model.fit(
        drawn(32, 0), drawn(8, 1), settings(head=Phase(1, 0.01), whole=Phase(2, 0.001)), tmp_path / "both", ignore
    )
    assert [epoch.phase for epoch in head + both] == ["head", "head", "head", "whole", "whole"]
    assert all(parameter.requires_grad for parameter in model.model.parameters())


@pytest.fixture(scope="module")
def straight(drawn, tmp_path_factory):
    """A training that nobody killed: its settings, epochs and probabilities."""
    plan = settings(head=Phase(2, 0.005), whole=Phase(2, 0.001))
    model = classifier()
    history = model.fit(drawn(40, 0), drawn(8, 1), plan, tmp_path_factory.mktemp("straight"), ignore)
    return plan, history, model.predict(drawn(8, 1))


@pytest.mark.parametrize("killed_after", [1, 2, 3, 4])
def test_a_killed_training_goes_on_and_ends_alike(drawn, tmp_path, straight, killed_after):
    train, val = drawn(40, 0), drawn(8, 1)
    plan, expected, probabilities = straight

    def kill(epoch):
        if epoch.number == killed_after + 1:
            raise KilledError

    if killed_after < 4:
        with pytest.raises(KilledError):
            classifier().fit(train, val, plan, tmp_path / "killed", kill)
    else:  # it had ended, and whatever was to follow was killed
        classifier().fit(train, val, plan, tmp_path / "killed", ignore)
    resumed, told = classifier(), []
    history = resumed.fit(train, val, plan, tmp_path / "killed", lambda epoch: told.append(epoch.number))
    assert history == expected
    assert told == [1, 2, 3, 4]
    assert np.array_equal(resumed.predict(val), probabilities)


@pytest.mark.parametrize("what", ["pictures", "classes", "settings", "weights"])
def test_another_training_begins_anew(drawn, tmp_path, what):
    train, val, plan = drawn(32, 0), drawn(8, 1), settings(whole=Phase(1, 0.003))
    classifier().fit(train, val, plan, tmp_path, ignore)
    (tmp_path / "best.pt").write_bytes(b"of another training")
    if what == "pictures":
        train = drawn(32, 9)
    elif what == "classes":
        train = Examples(train.pictures, train.rows, 1 - train.classes)
    elif what == "settings":
        plan = settings(whole=Phase(1, 0.004))
    classifier(seed=1 if what == "weights" else 0).fit(train, val, plan, tmp_path, ignore)


def test_it_stops_when_validation_no_longer_improves(drawn, tmp_path):
    train, val = drawn(32, 0), drawn(8, 1)
    wrong = Examples(val.pictures, val.rows, 1 - val.classes)  # the more it learns, the worse this becomes
    history = classifier().fit(train, wrong, settings(whole=Phase(40, 0.003), patience=3), tmp_path, ignore)
    losses = [epoch.val_loss for epoch in history]
    assert len(history) < 40
    assert len(history) == losses.index(min(losses)) + 1 + 3


def test_a_loss_that_is_no_number_is_one_line(drawn, tmp_path):
    with pytest.raises(UserError, match="lr0"):
        classifier().fit(drawn(32, 0), drawn(8, 1), settings(whole=Phase(3, 1e12)), tmp_path, ignore)


def test_no_pictures_give_no_probabilities():
    assert classifier().predict([], batch=4).shape == (0, 2)


def test_the_same_seed_gives_the_same_network():
    first, second = classifier(), classifier()
    assert all(torch.equal(a, b) for a, b in zip(first.model.parameters(), second.model.parameters(), strict=True))
