"""The servers, for the tests and the examples alike."""

pytest_plugins = ["tests.servers.plugin"]
