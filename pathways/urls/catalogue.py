"""The addresses that anyone may visit: catalogue, courses, pathways."""

from django.urls import path

from pathways.views import catalogue, ctdl, derivation, home, pathway_map, schemas

urlpatterns = [
    path("", home.show_home, name="home"),
    path("catalogue/", catalogue.show_catalogue, name="catalogue"),
    path("catalogue/<slug:slug>/", catalogue.show_achievement, name="achievement"),
    path("catalogue/<slug:slug>/ctdl.json", ctdl.show_rule, name="achievement-ctdl"),
    path("catalogue/<slug:slug>/ctdl.jsonld", ctdl.show_rule, {"form": "jsonld"}, name="achievement-ctdl-ld"),
    path("c/<str:code>/derived/", derivation.show_derived, name="credential-derived"),
    path("c/<str:code>/openings.json", derivation.show_openings, name="credential-openings"),
    path("courses/<slug:slug>/", catalogue.show_course, name="course"),
    path("courses/<slug:slug>/enrol/", catalogue.enrol, name="course-enrol"),
    path("courses/<slug:slug>/withdraw/", catalogue.withdraw, name="course-withdraw"),
    path("schemas/rule-1.json", schemas.show_rule_schema, name="rule-schema"),
    path("pathways/", pathway_map.list_pathways, name="pathways"),
    path("pathways/<slug:slug>/", pathway_map.show_pathway, name="pathway"),
    path("pathways/<slug:slug>/ctdl.json", ctdl.show_pathway, name="pathway-ctdl"),
    path("pathways/<slug:slug>/ctdl.jsonld", ctdl.show_pathway, {"form": "jsonld"}, name="pathway-ctdl-ld"),
    path("pathways/<slug:slug>/start/", pathway_map.start, name="pathway-start"),
    path("pathways/<slug:slug>/leave/", pathway_map.leave, name="pathway-leave"),
]
