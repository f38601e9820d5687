"""RabbitMQ, where one runs already."""

import os
import secrets

from tests.servers.absence import AbsentError

NAME = "RabbitMQ"
VARIABLE = "TYPEDBUS_RABBITMQ"
USUAL = "amqp://guest:guest@127.0.0.1:5672//"


def find_rabbitmq() -> str:
    """Return the address of the server that TYPEDBUS_RABBITMQ names, or of the usual one."""
    import kombu

    url = os.environ.get(VARIABLE, USUAL)
    with kombu.Connection(url, connect_timeout=3) as connection:
        where = f"{connection.transport_cls}://{connection.hostname}:{connection.port or 5672}"
        try:
            connection.transport.establish_connection().close()
        except OSError as error:
            raise AbsentError(NAME, f"none at {where} ({VARIABLE} names one)") from error
        except connection.connection_errors + connection.channel_errors as error:
            raise AbsentError(
                NAME, f"not let in at {where}: {error} ({VARIABLE} names another)"
            ) from error
    return url


class Queues:
    """Queues on a server that others use too: no name is used twice, and none is left there."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._names: list[str] = []

    def new(self, purpose: str) -> str:
        """Return the name of a queue that is not there yet; an exchange may have it as well."""
        name = f"typedbus.{purpose}.{secrets.token_hex(6)}"
        self._names.append(name)
        return name

    def delete(self) -> None:
        """Delete every queue and exchange with a name of ours, used or not."""
        import kombu

        if not self._names:
            return
        with kombu.Connection(self._url) as connection, connection.channel() as channel:
            for name in self._names:
                kombu.Queue(name, channel=channel).delete()
                kombu.Exchange(name, channel=channel).delete()
