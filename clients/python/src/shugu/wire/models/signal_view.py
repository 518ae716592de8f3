from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.signal_view_errors import SignalViewErrors


T = TypeVar("T", bound="SignalView")


@_attrs_define
class SignalView:
    """A series.

    Attributes:
        foretold (list[list[Any]]): What is foretold of the hours ahead, from what was read: instants and values.
        kind (str):
        readings (list[list[Any]]): Instants and values.
        scope (str):
        unit (str):
        errors (SignalViewErrors | Unset): The same of each model there is, where they were to be compared.
        forecast (None | str | Unset): By which model.
        forecast_error (float | None | Unset): How far what was foretold a day ahead was off in the last thirty days, on
            average, as a part of the mean reading.
    """

    foretold: list[list[Any]]
    kind: str
    readings: list[list[Any]]
    scope: str
    unit: str
    errors: SignalViewErrors | Unset = UNSET
    forecast: None | str | Unset = UNSET
    forecast_error: float | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        foretold = []
        for foretold_item_data in self.foretold:
            foretold_item = foretold_item_data

            foretold.append(foretold_item)

        kind = self.kind

        readings = []
        for readings_item_data in self.readings:
            readings_item = readings_item_data

            readings.append(readings_item)

        scope = self.scope

        unit = self.unit

        errors: dict[str, Any] | Unset = UNSET
        if not isinstance(self.errors, Unset):
            errors = self.errors.to_dict()

        forecast: None | str | Unset
        if isinstance(self.forecast, Unset):
            forecast = UNSET
        else:
            forecast = self.forecast

        forecast_error: float | None | Unset
        if isinstance(self.forecast_error, Unset):
            forecast_error = UNSET
        else:
            forecast_error = self.forecast_error

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "foretold": foretold,
                "kind": kind,
                "readings": readings,
                "scope": scope,
                "unit": unit,
            }
        )
        if errors is not UNSET:
            field_dict["errors"] = errors
        if forecast is not UNSET:
            field_dict["forecast"] = forecast
        if forecast_error is not UNSET:
            field_dict["forecast_error"] = forecast_error

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.signal_view_errors import SignalViewErrors  # noqa: PLC0415

        d = dict(src_dict)
        foretold = []
        _foretold = d.pop("foretold")
        for foretold_item_data in _foretold:
            foretold_item = cast(list[Any], foretold_item_data)

            foretold.append(foretold_item)

        kind = d.pop("kind")

        readings = []
        _readings = d.pop("readings")
        for readings_item_data in _readings:
            readings_item = cast(list[Any], readings_item_data)

            readings.append(readings_item)

        scope = d.pop("scope")

        unit = d.pop("unit")

        _errors = d.pop("errors", UNSET)
        errors: SignalViewErrors | Unset
        if isinstance(_errors, Unset):
            errors = UNSET
        else:
            errors = SignalViewErrors.from_dict(_errors)

        def _parse_forecast(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        forecast = _parse_forecast(d.pop("forecast", UNSET))

        def _parse_forecast_error(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        forecast_error = _parse_forecast_error(d.pop("forecast_error", UNSET))

        signal_view = cls(
            foretold=foretold,
            kind=kind,
            readings=readings,
            scope=scope,
            unit=unit,
            errors=errors,
            forecast=forecast,
            forecast_error=forecast_error,
        )

        signal_view.additional_properties = d
        return signal_view

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
