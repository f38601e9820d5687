from publisher_changes.ports import Orders


def ship(bus: Orders) -> None: ...
