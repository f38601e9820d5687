from re_exported.public import Created, bus

__all__ = ["Created", "bus"]
