"""What all modules share: the bus, and whose data is being worked on."""
