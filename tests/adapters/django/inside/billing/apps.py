"""The app that the tests use."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "tests.adapters.django.inside.billing"
    label = "billing"
