"""Names as people give them to their metrics."""

from __future__ import annotations

NAMES = ["metrics/mAP50-95(B)", "val acc", "verlust (größe) 🙂", "{'a': 1}", "x" * 256, "é" * 128]
