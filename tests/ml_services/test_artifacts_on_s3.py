"""Artifacts on S3, by setting: the same promises there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ml_services import artifacts
from platform_core.errors import ArtifactRefused
from tests.ml_services.fakes import trained

PLACE = {"company_id": None, "predictor": "churn", "version": "v1"}
OBJECT = "shared/churn/v1/model.joblib"


@pytest.fixture
def bucket(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    options = {"bucket_name": "models", "region_name": "us-east-1", "file_overwrite": True}
    settings.STORAGES = {
        **settings.STORAGES,
        "models": {"BACKEND": "platform_core.bucket.Bucket", "OPTIONS": options},
    }
    with mock_aws():
        found = boto3.resource("s3", region_name="us-east-1").Bucket("models")
        found.create()
        yield found


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_model_kept_on_s3_loads_and_a_changed_one_does_not(bucket: Any) -> None:
    artifacts.save(**PLACE, trained=trained())
    assert {item.key for item in bucket.objects.all()} == {OBJECT, OBJECT.replace("model.joblib", "manifest.json")}
    assert artifacts.load(**PLACE).answer({"amount": 4}, explain=False) == {"probability": 8.0}
    bucket.put_object(Key=OBJECT, Body=b"junk")
    with pytest.raises(ArtifactRefused, match="digest"):
        artifacts.load(**PLACE)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_model_missing_on_s3_is_refused(bucket: Any) -> None:
    with pytest.raises(ArtifactRefused, match="missing"):
        artifacts.load(**PLACE)
