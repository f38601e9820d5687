"""Ratios to the loop that one would write by hand, beside the peers', in one run."""
