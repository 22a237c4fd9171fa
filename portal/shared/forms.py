"""Makes every `{{ form }}` of the site accessible: our own field and form templates, named to Django once."""

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Named by the setting FORM_RENDERER."""

    form_template_name = "components/form.html"
    field_template_name = "components/form_field.html"
