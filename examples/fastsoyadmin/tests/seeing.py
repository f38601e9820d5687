"""What one can see of the app from outside."""

from typing import Any

from fastapi.testclient import TestClient

ALICE = {"name": "alice", "email": "alice@company.example", "password": "secret"}
BOB = {"name": "bob", "email": "bob@company.example", "password": "secret"}
CAROL = {"department_id": 7, "name": "Carol", "email": "carol@company.example"}


class Seen:
    """What a client that is logged in can see."""

    def __init__(self, client: TestClient) -> None:
        self._client = client

    def notices(self) -> list[str]:
        """Return the subjects of what was sent, the oldest first."""
        return [each["subject"] for each in self._get("/notify/notices")]

    def audit(self, event: str) -> list[dict[str, Any]]:
        """Return the fields of each *event* in the audit log."""
        return [each["fields"] for each in self._get("/system/audit") if each["event"] == event]

    def headcount(self) -> dict[str, int]:
        """Return the statuses that anybody has, and how many employees have each."""
        return {status: n for status, n in self._get("/statistics/headcount").items() if n}

    def _get(self, path: str) -> Any:  # Any: what json() returns
        return self._client.get(path).json()
