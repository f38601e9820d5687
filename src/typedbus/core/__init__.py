"""The bus itself: the standard library and typing-extensions only."""
