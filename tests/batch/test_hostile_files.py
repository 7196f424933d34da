"""Refused or killed at any step of a run: what people wrote into its outputs is still there, and what is said is true.

A sample of the steps; all of them: ``python tests/proofs/hostile_files.py``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from support.faults import Server
from support.hostile import KINDS, Scene

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
POINTS = 6  # of the steps, for each kind of fault; each costs two runs


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    server = Server()
    yield Scene(tmp_path_factory.mktemp("scene"), server)
    server.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("point", range(POINTS))
def test_nothing_a_person_wrote_is_lost(scene: Scene, kind: str, point: int) -> None:
    step = 1 + (2 * point + 1) * (scene.steps - 1) // (2 * POINTS) + KINDS.index(kind)
    verdict = scene.judge(step, kind)
    assert verdict.wrong == (), verdict.what
