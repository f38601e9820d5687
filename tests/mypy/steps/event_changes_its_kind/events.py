from event_changes_its_kind.kinds import Plain

UserCreated = Plain
