"""The audit trail, which the database lets nobody change: it refuses UPDATE, DELETE and TRUNCATE, each."""

import django.db.models.deletion
from django.db import migrations, models

from platform_core.row_security import protect


REFUSE = """
CREATE FUNCTION users_auditevent_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events of the audit are never changed or removed' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER users_auditevent_for_good BEFORE UPDATE OR DELETE OR TRUNCATE ON users_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION users_auditevent_refuse();
ALTER TABLE users_auditevent ENABLE ALWAYS TRIGGER users_auditevent_for_good;
"""
ALLOW = """
DROP TRIGGER users_auditevent_for_good ON users_auditevent;
DROP FUNCTION users_auditevent_refuse();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('users', '0002_row_security'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sequence', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('act', models.CharField(max_length=60)),
                ('asker', models.CharField(blank=True, max_length=40)),
                ('subject', models.CharField(blank=True, max_length=200)),
                ('detail', models.JSONField(default=dict)),
                ('address', models.CharField(blank=True, max_length=45)),
                ('request_id', models.CharField(blank=True, max_length=64)),
                ('previous', models.CharField(max_length=64)),
                ('hash', models.CharField(max_length=64)),
                ('company', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='users.company')),
            ],
            options={
                'ordering': ['-sequence'],
                'indexes': [models.Index(fields=['company', 'act', '-sequence'], name='audit_by_act'), models.Index(fields=['company', 'asker', '-sequence'], name='audit_by_asker'), models.Index(fields=['company', 'at'], name='audit_by_time')],
                'constraints': [models.UniqueConstraint(fields=('company', 'sequence'), name='one_event_per_place', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('sequence__gte', 1)), name='events_counted_from_one')],
            },
        ),
        migrations.RunSQL(REFUSE, ALLOW),
        protect("users_auditevent"),
    ]
