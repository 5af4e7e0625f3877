"""The seed of a randomised test: printed, and taken from MURMURATION_SEED."""

from __future__ import annotations

import os
import random


def seeded() -> random.Random:
    seed = int(os.environ.get("MURMURATION_SEED") or random.SystemRandom().randrange(2**32))
    print(f"MURMURATION_SEED={seed}", flush=True)
    return random.Random(seed)
