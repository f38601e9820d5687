from bus_changes_its_root.buses import AppBus


class FarBus(AppBus):
    pass
