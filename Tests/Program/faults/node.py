"""A worker on a node of a cluster, which SIGTERM has give its member back, as a scheduler's does.

Usage: node.py 1 SECONDS LOG URL

It writes down what it asked and what was acknowledged; see load.py.
"""

from __future__ import annotations

import os
import sys

from load import Log, train

from murmuration import Timing, preemptible

# Many look for a coordinator that is away, on few processors.
TIMING = Timing(
    connect=600.0, retry=1.0, retry_limit=5.0, reconnect=0.5, reconnect_limit=2.0, leave=5.0
)

if __name__ == "__main__":
    _, _, pause, path, url = sys.argv
    with preemptible():
        train(url, f"node-{os.getpid()}", float(pause), Log(path), TIMING)
