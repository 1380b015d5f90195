"""How many images each game may give."""

from __future__ import annotations

from collections.abc import Mapping


def fair_quotas(available: Mapping[str, int], taken: Mapping[str, int], count: int) -> dict[str, int]:
    """Divide a number of images over games, so that no game has more than another while that one still has some.

    Games are filled like connected vessels: what is taken already is the floor of each, what is available its height.
    What cannot be divided goes to the games first in order.

    Args:
        available: images that each game could give.
        taken: images of each game that are in already; games that are not named have none.
        count: images wanted.

    Returns:
        Images of each game in ``available``; their sum is ``count``, or all there are where that is less.
    """

    def filled(level: int) -> dict[str, int]:
        return {game: min(most, max(0, level - taken.get(game, 0))) for game, most in available.items()}

    low, high = 0, max(taken.values(), default=0) + max(available.values(), default=0)
    if sum(filled(high).values()) <= count:
        return filled(high)
    while high - low > 1:  # at `low` they give no more than wanted, at `high` they give more
        middle = (low + high) // 2
        low, high = (middle, high) if sum(filled(middle).values()) <= count else (low, middle)
    quotas, above = filled(low), filled(high)
    left = count - sum(quotas.values())
    for game in sorted(available):
        if left and above[game] > quotas[game]:
            quotas[game] += 1
            left -= 1
    return quotas
