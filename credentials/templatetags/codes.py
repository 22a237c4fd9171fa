"""How a code is shown to people."""

from django import template

from credentials.rendering.sheet import lettering

register = template.Library()
register.filter(lettering.in_fours)
