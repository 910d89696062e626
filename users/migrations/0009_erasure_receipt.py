"""Receipts of erasures, a company's own."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.db import migrations, models

from platform_core.row_security import protect


class Migration(migrations.Migration):

    dependencies = [
        ('users', '0008_key_makers'),
    ]

    operations = [
        migrations.CreateModel(
            name='ErasureReceipt',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('person', models.CharField(max_length=32)),
                ('asker', models.CharField(blank=True, max_length=40)),
                ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('erased', models.JSONField(default=dict)),
                ('kept', models.JSONField(default=dict)),
                ('model_versions', models.JSONField(default=list)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='users.company')),
            ],
            options={
                'ordering': ['-at', '-id'],
                'indexes': [models.Index(fields=['company', 'person', '-at'], name='receipts_of_a_person')],
            },
        ),
        protect("users_erasurereceipt"),
    ]
