"""The kinds of the columns of real files."""

from __future__ import annotations

import pytest

from ml_services.columns import profile
from tests.ml_services.real_files import real_table

REAL = {
    "churn/telco_ibm.csv": ("Churn", {"customerID": "id", "SeniorCitizen": "yes_no", "tenure": "number",
        "Partner": "yes_no", "MultipleLines": "category", "TotalCharges": "number"}, set()),
    "churn/iranian_churn.csv": ("Churn", {"Call  Failure": "number", "Complains": "yes_no", "Status": "number"}, set()),
    "churn/orange_bigml_80.csv": ("Churn", {"State": "category", "International plan": "yes_no",
        "Total day minutes": "number", "Total day charge": "number"}, set()),
    "lead/x_education_leads_fixed.csv": ("Converted", {"Prospect ID": "id", "Lead Number": "id",
        "TotalVisits": "number", "Magazine": "constant",
        "Specialization": "category", "Tags": "category", "Do Not Email": "yes_no"},
        {"Prospect ID", "Lead Number", "Magazine", "Receive More Updates About Our Courses",
         "Update me on Supply Chain Content", "Get updates on DM Content", "I agree to pay the amount through cheque"}),
    "lead/bank_additional_full.csv": ("y", {"age": "number", "job": "category", "default": "category",
        "pdays": "number", "euribor3m": "number", "month": "category"}, set()),
    "plan/av_segmentation_train.csv": ("Segmentation", {"ID": "id", "Ever_Married": "yes_no", "Age": "number",
        "Var_1": "category", "Family_Size": "number"}, {"ID"}),
    "clv/auto_insurance_clv.csv": ("Customer Lifetime Value", {"Customer": "id", "State": "category",
        "Effective To Date": "date", "Income": "number", "Response": "yes_no"}, {"Customer"}),
    "segmentation/mall_customers.csv": ("", {"CustomerID": "id", "Gender": "category"}, {"CustomerID"}),
    "forecast/walmart_weekly.csv": ("Weekly_Sales", {"Date": "date", "Store": "number"}, set()),
}  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_the_columns_of_a_real_file(name: str) -> None:
    target, kinds, ignored = REAL[name]
    reports = {report.name: report for report in profile(real_table(name), target=target)}
    assert {column: reports[column].kind for column in kinds} == kinds
    ids = {column for column, report in reports.items() if report.kind == "id"}
    assert {column for column, report in reports.items() if not report.used} - {target} == ignored | ids
