from event_loses_its_base.events import UserEvent


def audit(event: UserEvent, log: str = "audit") -> None: ...


class Audit:
    def __call__(self, event: UserEvent) -> None: ...

    def user(self, event: UserEvent) -> None: ...
