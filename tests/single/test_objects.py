"""Which objects are followed."""

from courtside.single.objects import longest_objects
from moving_object import row, table


def test_the_longest_of_a_label_in_one_shot_from_where_it_is_seen_well():
    truth = table(
        *(row(frame, 10, 10, track=1, visibility=0.5 if frame < 3 else 1.0) for frame in range(9)),
        *(row(frame, 90, 10, track=2) for frame in range(5)),
        *(row(frame, 10, 90, track=3, label="player") for frame in range(4)),
        row(0, 90, 90, track=4, label="player"),
    )
    # A cut before frame 6: of the first ball three boxes remain in either shot, of the second all five in the first.
    shots = {frame: int(frame >= 6) for frame in range(9)}
    ball, player = longest_objects(truth, ["ball", "player"], shots)
    assert ball.select("track", "frame").rows() == [(2, frame) for frame in range(5)]
    assert player["track"].unique().to_list() == [3]
    assert [rows["frame"].to_list() for rows in longest_objects(truth, ["ball"], count=3)] == [
        list(range(3, 9)),
        list(range(5)),
    ]


def test_what_is_never_seen_well_or_once_only_is_nobody_to_follow():
    truth = table(*(row(frame, 10, 10, visibility=0.2) for frame in range(5)), row(0, 90, 10, track=2))
    assert longest_objects(truth, ["ball", "player"]) == []
