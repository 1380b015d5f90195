"""The one exception that a person, not a programmer, is meant to read."""


class UserError(Exception):
    """A mistake in input or configuration that the person who started the program can mend.

    The message is one line and says what is wrong, where, and what to do. Stages and apps print it
    after ``error:`` and exit with status 1; they never show a traceback for it.
    """

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))
