"""Addresses kept before there was one spelling are brought into it; one that cannot be stays as it is."""

from django.db import migrations

from platform_core.errors import InputInvalid
from users.emails import canonical


def spell(apps, schema_editor):
    User = apps.get_model("users", "User")
    for user in User.objects.only("email").iterator():
        try:
            address = canonical(user.email)
        except InputInvalid:
            continue
        if address != user.email and not User.objects.filter(email=address).exists():
            User.objects.filter(pk=user.pk).update(email=address)


class Migration(migrations.Migration):
    dependencies = [("users", "0004_outbox")]
    operations = [migrations.RunPython(spell, migrations.RunPython.noop)]
