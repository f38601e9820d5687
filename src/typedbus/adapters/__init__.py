"""One framework a file: each gives a lifetime, a lookup and a translation."""
