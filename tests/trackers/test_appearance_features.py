"""How boxes look: colours, networks, the detector's own maps; order, length, and what cannot be seen."""

import cv2
import numpy as np
import polars as pl
import pytest
import torch
from torchvision import models
from torchvision.transforms import functional

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.trackers.appearance.features import KINDS, FeatureSettings, features_of, kept_features
from courtside.trackers.appearance.histogram import histogram

RED, BLUE, GREEN, COURT = (30, 30, 200), (200, 40, 30), (40, 180, 40), (120, 140, 150)
PLAIN = FeatureSettings(centred=False)


def box(frame, x1, y1, x2, y2, label="player"):
    return ("game", frame, float(x1), float(y1), float(x2), float(y2), label, 0.9, "test")


def table(*rows):
    names = ["video", "frame", "x1", "y1", "x2", "y2", "label", "score", "source"]
    return boxes_table.check(pl.DataFrame(rows, schema=names, orient="row"))


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    """Return a folder of three images: a player in red over blue and one in blue over red, who change places."""
    folder = tmp_path_factory.mktemp("game")
    for frame, (left, right) in enumerate([((RED, BLUE), (BLUE, RED)), ((BLUE, RED), (RED, BLUE)), (None, None)]):
        image = np.full((120, 200, 3), COURT, dtype=np.uint8)
        for x, player in ((20, left), (120, right)):
            if player:
                image[20:60, x : x + 30], image[60:100, x : x + 30] = player
        cv2.imwrite(str(folder / f"{frame:06}.png"), image)
    return folder


LEFT, RIGHT = (20, 20, 50, 100), (120, 20, 150, 100)


def test_colours_tell_shirt_and_trousers_apart(video):
    looks = features_of("histogram", video, table(*(box(f, *p) for f in (0, 1) for p in (LEFT, RIGHT))), PLAIN)
    alike = looks @ looks.T
    assert looks.dtype == np.float32
    np.testing.assert_allclose(np.diag(alike), 1, atol=1e-6)
    assert alike[0, 3] > 0.99  # who was left is right
    assert alike[0, 1] < 0.01  # the same colours, the other way round


def test_a_histogram_is_exact():
    crop = np.full((10, 10, 3), RED, dtype=np.uint8)
    crop[:5, 5:] = GREEN
    whole = histogram(crop, 0.0)
    # Of each half the share of a colour, halved and rooted: two colours above, one below.
    assert sorted(np.round(whole[whole > 0] ** 2, 6).tolist()) == [0.25, 0.25, 0.5]
    assert (histogram(crop[:, :4], 0.2) > 0).sum() == 2
    assert np.linalg.norm(histogram(crop[:1, :1], 0.2)) == pytest.approx(1)


def test_rows_keep_the_order_of_the_boxes(video):
    one = table(box(0, *RIGHT), box(0, *LEFT), box(1, *LEFT))
    looks = features_of("histogram", video, one, PLAIN)
    assert looks[0] @ looks[2] > 0.99
    assert looks[0] @ looks[1] < 0.01
    shuffled = pl.concat([one[2], one[1], one[0]])
    np.testing.assert_array_equal(features_of("histogram", video, shuffled, PLAIN), looks[::-1])


def test_what_cannot_be_seen_looks_like_nothing(video):
    outside = table(box(0, -50, -50, -10, -10), box(0, *LEFT), box(7, *LEFT), box(0, 190, 100, 260, 200))
    looks = features_of("histogram", video, outside)
    length = np.linalg.norm(looks, axis=1)
    frame = outside["frame"].to_list()
    assert [round(float(value), 5) for value in length] == [0.0, 1.0, 1.0, 0.0]
    assert frame == [0, 0, 0, 7]
    assert features_of("histogram", video, outside.clear()).shape[0] == 0


def test_centring_takes_off_what_all_of_a_label_share(video):
    rows = [box(frame, *place) for frame in (0, 1) for place in (LEFT, RIGHT)]
    both = table(*rows, box(2, *LEFT, "referee"), box(2, *RIGHT, "ball"))
    plain, centred = (features_of("histogram", video, both, FeatureSettings(centred=c)) for c in (False, True))
    np.testing.assert_allclose(centred[:4].sum(axis=0), 0, atol=1e-5)
    assert centred[0] @ centred[1] < plain[0] @ plain[1]
    # One box alone has nothing to be compared with.
    np.testing.assert_allclose(centred[4], plain[4], atol=1e-6)


def test_the_detectors_maps_are_taken_as_they_come(video):
    two = table(box(0, *LEFT), box(0, *RIGHT))
    given = np.array([[3.0, 4.0], [0.0, 2.0]], dtype=np.float16)
    looks = features_of("detector", video, two, PLAIN, embeddings=given)
    np.testing.assert_allclose(looks, [[0.6, 0.8], [0.0, 1.0]], atol=1e-6)
    assert looks.dtype == np.float32


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "mobilenet.pt"
    torch.save(models.mobilenet_v3_small(weights=None).state_dict(), path)
    return path


def test_a_network_looks_at_crops(video, weights):
    boxes = table(*(box(f, *p) for f in (0, 1) for p in (LEFT, RIGHT)))
    settings = FeatureSettings(weights=weights.name, centred=False)
    looks = features_of("mobilenet_v3_small", video, boxes, settings, root=weights.parent)
    assert looks.shape == (4, 576)
    np.testing.assert_allclose(np.linalg.norm(looks, axis=1), 1, atol=1e-5)
    # The same crop looks the same wherever it is, another one does not.
    np.testing.assert_allclose(looks[0], looks[3], atol=1e-5)
    assert np.abs(looks[0] - looks[1]).max() > 1e-3


def test_a_network_sees_what_torchvision_says_it_should(video, weights):
    settings = FeatureSettings(weights=weights.name, crop_height=80, crop_width=30, centred=False)
    looks = features_of("mobilenet_v3_small", video, table(box(0, *LEFT)), settings, root=weights.parent)
    model = models.mobilenet_v3_small(weights=None)
    model.load_state_dict(torch.load(weights, weights_only=True))
    crop = cv2.imread(str(video / "000000.png"))[20:100, 20:50, ::-1].copy()
    prepare = models.MobileNet_V3_Small_Weights.IMAGENET1K_V1.transforms()
    colours = torch.from_numpy(crop).permute(2, 0, 1).float() / 255
    normalised = functional.normalize(colours, prepare.mean, prepare.std)
    with torch.inference_mode():
        expected = torch.nn.functional.normalize(model.eval().avgpool(model.features(normalised[None])).flatten(1))
    np.testing.assert_allclose(looks, expected.numpy(), atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        ("osnet", PLAIN, rf"features 'osnet' are unknown; there are: {', '.join(KINDS)}"),
        ("detector", PLAIN, r"it was not asked for embeddings"),
        ("resnet18", FeatureSettings(weights=None), r"resnet18 without weights tells nobody apart; .* histogram"),
        ("resnet18", FeatureSettings(weights="imagenet_v9"), r"weights 'imagenet_v9' of resnet18 are no file"),
        ("resnet18", FeatureSettings(weights="none/there.pt"), r"there.pt do not exist"),
        ("resnet18", FeatureSettings(weights="mobilenet.pt"), r"weights mobilenet.pt fit \d+% of resnet18"),
    ],
)
def test_mistakes_of_the_user(video, weights, kind, settings, message):
    with pytest.raises(UserError, match=message):
        features_of(kind, video, table(box(0, *LEFT)), settings, root=weights.parent)


def test_mistakes_of_the_caller(video):
    with pytest.raises(ValueError, match="1 embeddings for 2 boxes"):
        features_of("detector", video, table(box(0, *LEFT), box(0, *RIGHT)), embeddings=np.ones((1, 3)))
    other = table(box(0, *LEFT)).with_columns(video=pl.lit("other"))
    with pytest.raises(ValueError, match="one video"):
        features_of("histogram", video, pl.concat([table(box(0, *LEFT)), other]))


def test_features_are_kept_until_the_question_is_another(video, tmp_path, monkeypatch):
    boxes = table(box(0, *LEFT), box(1, *RIGHT))
    first = kept_features(tmp_path, "histogram", video, boxes, PLAIN)
    np.testing.assert_allclose(first, features_of("histogram", video, boxes, PLAIN), atol=1e-3)
    before = sorted(tmp_path.iterdir())
    np.testing.assert_array_equal(kept_features(tmp_path, "histogram", video, boxes, PLAIN), first)
    assert sorted(tmp_path.iterdir()) == before
    kept_features(tmp_path, "histogram", video, boxes[:1], PLAIN)
    kept_features(tmp_path, "histogram", video, boxes, FeatureSettings(inset=0.1, centred=False))
    assert len(list(tmp_path.iterdir())) == 3
