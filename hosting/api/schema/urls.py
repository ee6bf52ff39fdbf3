"""The addresses of the documents."""

from django.urls import path

from hosting.api.schema.views import schema

urlpatterns = [path("api/schema/<str:name>.json", schema, name="schema")]
