"""The tests of typedbus.

Without this file, `tests` could be what another package installs under that name: eventkit does.
"""
