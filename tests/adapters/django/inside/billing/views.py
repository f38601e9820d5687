"""Views of each kind: sync and async, with a transaction around them and without."""

from collections.abc import Awaitable, Callable

from asgiref.sync import async_to_sync, iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from tests.adapters.django.inside.billing.events import InvoiceApproved, async_bus, bus, log
from tests.adapters.django.inside.billing.models import write

Answer = Callable[[HttpRequest], HttpResponse]
AsyncAnswer = Callable[[HttpRequest], Awaitable[HttpResponse]]


class note_response:  # noqa: N801 - Django calls a middleware like a function
    """A middleware, outermost, that notes when the view has answered."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Answer | AsyncAnswer) -> None:
        self._get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        response = self._get_response(request)
        if isinstance(response, HttpResponse):
            log.append(f"response {response.status_code}")
            return response
        return self._noted(response)

    async def _noted(self, response: Awaitable[HttpResponse]) -> HttpResponse:
        answer = await response
        log.append(f"response {answer.status_code}")
        return answer


def approve(number: int) -> None:
    """Write and publish, as a use case does."""
    write(number)
    bus.publish(InvoiceApproved(number=number))
    log.append("approved")


def sync_view(request: HttpRequest) -> HttpResponse:
    """Approve in the transaction of the request (ATOMIC_REQUESTS)."""
    approve(1)
    return HttpResponse()


def failing_view(request: HttpRequest) -> HttpResponse:
    """Approve, and fail then."""
    approve(1)
    raise RuntimeError("a bug")


@transaction.non_atomic_requests
def view_without_transaction(request: HttpRequest) -> HttpResponse:
    """Approve where each statement commits by itself."""
    approve(1)
    return HttpResponse()


def view_of_an_async_use_case(request: HttpRequest) -> HttpResponse:
    """Publish by a coroutine, in the transaction of the request."""
    write(1)
    async_to_sync(async_bus.publish)(InvoiceApproved(number=1))
    log.append("approved")
    return HttpResponse()


@transaction.non_atomic_requests
async def async_view(request: HttpRequest) -> HttpResponse:
    """Publish on the bus that awaits."""
    await sync_to_async(write)(1)
    await async_bus.publish(InvoiceApproved(number=1))
    log.append("approved")
    return HttpResponse()


@transaction.non_atomic_requests
async def async_view_of_a_use_case(request: HttpRequest) -> HttpResponse:
    """Run a whole use case in a thread, where it may open a transaction."""
    await sync_to_async(transaction.atomic(approve))(1)
    return HttpResponse()
