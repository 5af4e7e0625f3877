"""Where the repository is, and what its parts read alike."""

from __future__ import annotations

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
VECTORS = REPOSITORY / "Tests" / "Vectors"
