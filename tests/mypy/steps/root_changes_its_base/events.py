from root_changes_its_base import roots

Wide = roots.ShopEvent


def see(event: Wide) -> None: ...
