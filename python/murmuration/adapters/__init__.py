"""Saving and loading what the common libraries train; a module for each library.

`murmuration.adapters.sklearn`, `.torch` and `.jax` have the same three functions. `save` writes a
checkpoint, complete or not at all. `load` reads one, and raises `CheckpointError` when that cannot
be done, so that the worker may decline it. `set_hyperparameters` makes new values effective.

A checkpoint holds the hyperparameters of whoever wrote it, and a member that copies another one
trains with other values. So `load` of torch and jax leaves hyperparameters as they are in what is
loaded into, and that of sklearn takes the values to set.

Each module needs its library, which `pip install 'murmuration[sklearn]'`, `[torch]` or `[jax]`
brings; importing `murmuration` imports none of them.
"""
