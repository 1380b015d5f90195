import pytest

from web_server import Server


@pytest.fixture
def server():
    with Server() as running:
        yield running
