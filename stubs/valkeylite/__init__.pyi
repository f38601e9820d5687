from pathlib import Path
from typing import Any, Self

class ValkeyServer:
    def __init__(
        self,
        port: int | None = None,
        host: str = "127.0.0.1",
        data_dir: Path | None = None,
        # Settings of Valkey's, of several types.
        config: dict[str, Any] | None = None,
        persist: bool = False,
        unix_socket_path: str | Path | None = None,
        unix_socket_perm: str | int = "700",
        **config_overrides: Any,
    ) -> None: ...
    @property
    def port(self) -> int: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *args: object) -> None: ...
