"""A learner's choices of what counts where, for programs."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from pathways import guidance, pinning
from pathways.choices import Choices, choices_of
from pathways.holdings import institution_day
from pathways.models import PathwayEnrolment, Pin
from pathways.queries import record_of
from pathways.rules.exceptions import judge
from portal.accounts.signed_in import person_of
from portal.shared.rest import CREATED, IDEMPOTENCY_KEY, KnownFieldsOnly, once

NO_CONTENT = 204


class PinSerializer(serializers.Serializer[Any]):
    """`heeded` says whether decisions follow the choice; one that would cost anything is set aside."""

    id = serializers.UUIDField(source="pin.uuid")
    node = serializers.CharField(source="pin.node")
    holding = serializers.CharField(source="pin.holding")
    here = serializers.BooleanField(source="pin.here")
    heeded = serializers.BooleanField(source="is_heeded")
    sentence = serializers.CharField(source="words")


class OptionSerializer(serializers.Serializer[Any]):
    holding = serializers.CharField(source="holding.id")
    name = serializers.CharField()
    counts = serializers.BooleanField()


class ChoicePartSerializer(serializers.Serializer[Any]):
    node = serializers.CharField()
    sentence = serializers.CharField(source="words")
    options = OptionSerializer(many=True)


class ChoicesSerializer(serializers.Serializer[Any]):
    """The parts of the rule with a choice, and the choices made."""

    parts = ChoicePartSerializer(many=True)
    pins = PinSerializer(many=True, source="chosen")


class PinAskedSerializer(KnownFieldsOnly, serializers.Serializer[Any]):
    node = serializers.CharField(max_length=64)
    holding = serializers.CharField(max_length=60)
    here = serializers.BooleanField(help_text="Whether the holding shall count in the part, or shall not.")


def _place(request: Request, slug: str) -> PathwayEnrolment:
    places = guidance.pathways_of(person_of(request)).select_related("learner")
    return get_object_or_404(places, pathway__slug=slug)


def _choices(place: PathwayEnrolment) -> Choices:
    rule = guidance.bound_rule(place, guidance.rules_in_force())
    if rule is None:
        raise Http404
    record, on, target = record_of(place.learner), institution_day(timezone.now()), place.pathway.target
    return choices_of(place.learner, target, rule, record, judge(target.slug, rule, record, on))


class MyPins(APIView):
    """What whoever asks may choose on a pathway that they follow, and has chosen."""

    @extend_schema(responses=ChoicesSerializer)
    def get(self, request: Request, slug: str) -> Response:
        return Response(ChoicesSerializer(_choices(_place(request, slug))).data)

    @extend_schema(request=PinAskedSerializer, responses={201: ChoicesSerializer}, parameters=[IDEMPOTENCY_KEY])
    def post(self, request: Request, slug: str) -> Response:
        """Choose that a holding counts in a part, or does not there; refused where it would cost anything."""
        place = _place(request, slug)
        asked = PinAskedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)

        def act() -> tuple[int, Any]:
            pinning.pin(place=place, at=timezone.now(), **asked.validated_data)
            return CREATED, ChoicesSerializer(_choices(place)).data

        return once(request, act)


class OnePin(APIView):
    """One choice, to be taken back."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, uuid: UUID) -> Response:
        place = _place(request, slug)
        pin = get_object_or_404(Pin, learner=person_of(request), achievement=place.pathway.target, uuid=uuid)
        pinning.unpin(place=place, pin=pin, at=timezone.now())
        return Response(status=NO_CONTENT)
