"""The addresses of the site's administrators."""

from django.urls import path

from pathways.views import erasures, operations

urlpatterns = [
    path("", operations.show_operations, name="operations"),
    path("jobs/<int:pk>/retry/", operations.retry_job, name="operations-retry"),
    path("erasures/", erasures.list_requests, name="operations-erasures"),
    path("erasures/<uuid:uuid>/decline/", erasures.decline, name="operations-erasure-decline"),
]
