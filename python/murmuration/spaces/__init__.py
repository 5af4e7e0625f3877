"""Search spaces of other tools as the text of a space file.

```python
from murmuration.spaces import space_from_hydra

text = space_from_hydra({"lr": "tag(log, interval(1e-4, 0.1))", "width": "range(32, 257, 32)"})
```

What has no counterpart raises `InvalidError`, with a sentence that says what to do. What takes a
space takes the text, such as `Administrator.create_population`, or the path of a file with it.
`python -m murmuration.spaces` writes such a file from a command line.
"""

from murmuration.spaces._hydra import space_from_hydra
from murmuration.spaces._optuna import space_from_optuna
from murmuration.spaces._tune import space_from_tune

__all__ = ["space_from_hydra", "space_from_optuna", "space_from_tune"]
