"""The second wall between companies."""

from django.db import migrations

from platform_core.row_security import composite_key, protect


class Migration(migrations.Migration):
    dependencies = [("file_uploads", "0001_batch_jobs"), ("users", "0002_row_security")]

    operations = [
        protect("file_uploads_batchjob"),
        protect("file_uploads_batchchunk"),
        composite_key("file_uploads_batchchunk", "job_id", "file_uploads_batchjob"),
    ]
