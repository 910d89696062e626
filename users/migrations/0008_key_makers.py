"""Who made a key, and when it was last used."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from platform_core.row_security import composite_key

SET_NULL = django.db.models.deletion.SET_NULL


class Migration(migrations.Migration):
    dependencies = [("users", "0007_invitation")]

    operations = [
        migrations.AlterModelOptions("apikey", {"ordering": ["-created_at", "-pk"]}),
        migrations.AddField("apikey", "last_used_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "apikey",
            "created_by",
            models.ForeignKey(null=True, on_delete=SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            "apikey",
            "created_by_key",
            models.ForeignKey(null=True, on_delete=SET_NULL, related_name="+", to="users.apikey"),
        ),
        composite_key("users_apikey", "created_by_key_id", "users_apikey"),
    ]
