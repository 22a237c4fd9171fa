"""The addresses of the site's administrators."""

from django.urls import path

from pathways.views import operations

urlpatterns = [
    path("", operations.show_operations, name="operations"),
    path("jobs/<int:pk>/retry/", operations.retry_job, name="operations-retry"),
]
