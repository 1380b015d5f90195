"""Balls painted over a drawn frame: where the boxes say, nowhere else, and clear of the game's own ball."""

import numpy as np

from courtside.sample.ball import ball_sprites
from courtside.sample.drawing import ObjectBox
from courtside.sample.looks import named_looks
from courtside.sample.scatter import scatter_balls

LOOK = named_looks()["harbor"]
SPRITES = ball_sprites(LOOK)
GREY = np.full((360, 640, 3), 90, np.uint8)
REGION = (100, 50, 500, 300)


def scattered(boxes=(), count=5, seed=1):
    return scatter_balls(GREY, boxes, LOOK, SPRITES, REGION, count, np.random.default_rng(seed))


def test_pixels_change_inside_the_boxes_alone():
    image, balls = scattered()
    assert balls
    inside = np.zeros(GREY.shape[:2], bool)
    for ball in balls:
        rows, columns = (slice(int(low) - 1, int(high) + 2) for low, high in ((ball.y1, ball.y2), (ball.x1, ball.x2)))
        inside[rows, columns] = True
        assert (image[rows, columns] != GREY[rows, columns]).any()
    assert (image == GREY).all(axis=2)[~inside].all()
    assert (GREY == 90).all()  # the frame that was given stays as it was


def test_the_same_seed_gives_the_same_frame():
    (first, boxes), (second, same_boxes) = scattered(seed=3), scattered(seed=3)
    assert (first == second).all()
    assert boxes == same_boxes


def test_balls_keep_clear_of_one_another_and_of_the_games_own():
    own = ObjectBox(200, 100, 400, 250, "ball", 1, 1.0)
    for seed in range(20):
        _, balls = scattered([own], count=8, seed=seed)
        everything = [own, *balls]
        for number, one in enumerate(everything):
            for other in everything[number + 1 :]:
                assert one.x2 <= other.x1 or other.x2 <= one.x1 or one.y2 <= other.y1 or other.y2 <= one.y1


def test_a_player_is_no_obstacle_and_a_full_region_takes_no_ball():
    player = ObjectBox(0, 0, 640, 360, "player", 2, 1.0)
    assert scattered([player])[1]
    ball = ObjectBox(0, 0, 640, 360, "ball", 1, 1.0)
    image, balls = scattered([ball])
    assert balls == []
    assert (image == GREY).all()


def test_hidden_balls_say_how_much_of_them_is_seen():
    shares = [ball.visibility for seed in range(20) for ball in scattered(seed=seed)[1]]
    assert min(shares) < 0.9
    assert max(shares) == 1.0
    assert all(0.5 <= share <= 1 for share in shares)
