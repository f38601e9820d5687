"""Run the shop: `python -m shop [PORT]`, with the database in $SHOP_DATABASE or here."""

import sys

import uvicorn

if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    uvicorn.run("shop.app:create_app", factory=True, host="127.0.0.1", port=port)
