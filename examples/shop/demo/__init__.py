"""The demonstration: the shop under a real uvicorn, real requests, and what came of them."""
