"""How a client reaches a coordinator: addresses, keys, and the connection with its thread.

Nothing here knows what a worker, a monitor or an administrator asks for. So a module of this folder
imports the errors, the generated messages, `_shown` and `_version`, and nothing else of ours.
"""
