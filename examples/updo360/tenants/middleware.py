"""Says of each request whose it is, and what ties together all that it causes."""

from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, JsonResponse

from typedbus import context
from updo360.tenants.models import Tenant

View = Callable[[HttpRequest], HttpResponse]


def tenant_of_request(get_response: View) -> View:
    """Let the events of a request travel with its headers x-tenant and x-request-id."""

    def respond(request: HttpRequest) -> HttpResponse:
        request_id = request.headers.get("x-request-id") or str(uuid4())
        slug = request.headers.get("x-tenant") or None
        if slug and not Tenant.objects.filter(slug=slug).exists():
            return JsonResponse({"error": f"There is no tenant {slug!r}."}, status=404)
        with context(correlation_id=request_id, tenant=slug):
            response = get_response(request)
        response["x-request-id"] = request_id
        return response

    return respond
