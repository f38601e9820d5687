"""The HTTP side: the endpoints of all modules, over one database."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from fastsoyadmin.database import open_database
from fastsoyadmin.modules import find_modules


def create_app(database: str | None = None) -> FastAPI:
    """Make the app on *database*, or on $FASTSOYADMIN_DATABASE, or on a file of this folder."""
    url = database or os.environ.get("FASTSOYADMIN_DATABASE", "sqlite+aiosqlite:///admin.sqlite3")
    modules = find_modules().values()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_database(url):
            for module in modules:
                if module.on_start:
                    await module.on_start()
            yield

    app = FastAPI(title="fastsoyadmin", lifespan=lifespan)
    for module in modules:
        app.include_router(module.router)
    return app
