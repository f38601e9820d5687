"""Each view by its name."""

from django.urls import path

from tests.adapters.django.inside.billing import views

urlpatterns = [
    path(view.__name__, view)
    for view in (
        views.sync_view,
        views.failing_view,
        views.view_without_transaction,
        views.view_of_an_async_use_case,
        views.async_view,
        views.async_view_of_a_use_case,
    )
]
