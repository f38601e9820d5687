"""Serve the app on a free port of this machine alone: `python -m fastsoyadmin`."""

import logging

import uvicorn

from fastsoyadmin.app import create_app

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s:     %(message)s")
    uvicorn.run(create_app(), host="127.0.0.1", port=0)
