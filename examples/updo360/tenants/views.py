"""The HTTP side of tenants."""

from django import forms
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from updo360.share_kernel.event_bus import bus
from updo360.tenants.models import Tenant
from updo360.tenants.use_cases import CreateTenant


class TenantForm(forms.Form):
    slug = forms.SlugField(max_length=50)
    name = forms.CharField(max_length=80)


@require_POST
def create_tenant(request: HttpRequest) -> JsonResponse:
    """Take a tenant in."""
    form = TenantForm(request.POST)
    if not form.is_valid():
        return JsonResponse(form.errors, status=400)
    if Tenant.objects.filter(slug=form.cleaned_data["slug"]).exists():
        return JsonResponse({"slug": ["It is taken."]}, status=409)
    tenant = CreateTenant(bus).execute(**form.cleaned_data)
    return JsonResponse({"slug": tenant.slug}, status=201)
