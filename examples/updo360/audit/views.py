"""The HTTP side of the audit log."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from updo360.audit.models import AuditLine


@require_GET
def audit_log(request: HttpRequest) -> JsonResponse:
    """Show what happened to this tenant, in order."""
    lines = AuditLine.objects.order_by("id").values()
    return JsonResponse({"lines": list(lines)})
