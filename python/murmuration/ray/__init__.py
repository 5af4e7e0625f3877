"""Populations on a Ray cluster.

`run` starts a coordinator beside the driver and workers as actors, and returns what the population
came to. `trainable` and `space_from_tune` take what was written for Ray Tune. It needs Ray, which
`pip install 'murmuration[ray]'` brings; trainables need Ray Tune, of `ray[tune]`.
"""

from murmuration.ray._result import Result
from murmuration.ray._run import run
from murmuration.ray._trainables import Train, trainable
from murmuration.spaces import space_from_tune

__all__ = ["Result", "Train", "run", "space_from_tune", "trainable"]
