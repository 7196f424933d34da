"""What holds for all tests: how long something takes is never what fails."""

import gc
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """A run switches the collector off to the end of its process, which here goes on."""
    yield
    gc.unfreeze()
    gc.enable()
