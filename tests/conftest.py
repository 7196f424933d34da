"""What holds for all tests: how long something takes is never what fails."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
