from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="MeasurementForm")


@_attrs_define
class MeasurementForm:
    """What a benchmark found.

    Attributes:
        job (str): The job that ran it.
        method (str): What ran, in words.
        precision (str): fp64, fp32, tf32, fp16, fp8, fp4 or int8.
        tflops (float): The rate that was reached, of all devices or cores of the job together.
    """

    job: str
    method: str
    precision: str
    tflops: float

    def to_dict(self) -> dict[str, Any]:
        job = self.job

        method = self.method

        precision = self.precision

        tflops = self.tflops

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "job": job,
                "method": method,
                "precision": precision,
                "tflops": tflops,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        job = d.pop("job")

        method = d.pop("method")

        precision = d.pop("precision")

        tflops = d.pop("tflops")

        measurement_form = cls(
            job=job,
            method=method,
            precision=precision,
            tflops=tflops,
        )

        return measurement_form
