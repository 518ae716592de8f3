from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.site_view_bounds import SiteViewBounds


T = TypeVar("T", bound="SiteView")


@_attrs_define
class SiteView:
    """A data centre: what the census knows of it, and what its pools tell.

    Attributes:
        closed (bool): Whether all of it is closed now.
        cores (float): Their cores.
        cores_held (float): Those held by jobs.
        devices (int): Their accelerators.
        devices_held (int): Those held by jobs.
        evidence (str): The strongest evidence for what it has: announced, declared, seen, measured or metered.
        id (str): Its id in the census.
        jobs (int): Jobs that hold a place there.
        name (str): Its name in English.
        named (bool): False for one that is counted because a published total says it exists.
        nodes (int): Their nodes.
        note (str): Anything a reader must know.
        pools (list[str]): Its pools that have joined.
        prefecture (str): Prefecture, as the source names it.
        silent_pools (int): Pools whose agent is not in touch.
        source (str): Where this is known from.
        stage (str): announced, building, commissioning, operating, retiring, retired or unknown: as of now.
        zone (str): Zone or county.
        booked_kw (float | None | Unset): What it draws by what jobs hold there, cooling and losses included; not shown
            to those whom it does not concern, like those below.
        bounds (SiteViewBounds | Unset): Figures above that their source gives as a bound, or about so, by field and in
            its words: `<1.2`, `>=30`, `~1.1`. The number above is
            the edge.
        class_ (None | str | Unset): Class of those figures, if stated.
        computing_power_pflops (float | None | Unset): Published computing power, of the class and precision below.
        computing_power_planned_pflops (float | None | Unset): Computing power planned.
        latitude (float | None | Unset): Degrees north.
        longitude (float | None | Unset): Degrees east.
        name_zh (None | str | Unset): Its name in Chinese.
        peak_kw (float | None | Unset): The highest of this month so far, by what jobs held.
        position (None | str | Unset): `stated` by a source, or that of its `zone`; null where neither is known.
        power_cap_kw (float | None | Unset): What it may draw at most now.
        power_kw (float | None | Unset): What it draws by its own readings; not shown to those whom it does not concern.
        precision (None | str | Unset): Precision of those figures, if stated.
        provider (None | str | Unset): Who runs it.
        pue (float | None | Unset): Power usage effectiveness now.
        pue_source (None | str | Unset): `signal` where it was read this hour, `stated` where a source gives it.
        racks (float | None | Unset): Racks installed.
        racks_planned (float | None | Unset): Racks planned.
        shaved_to_kw (float | None | Unset): Up to where work that has time may raise it; null where nothing keeps it
            from that.
        stage_date (None | str | Unset): When that was so.
    """

    closed: bool
    cores: float
    cores_held: float
    devices: int
    devices_held: int
    evidence: str
    id: str
    jobs: int
    name: str
    named: bool
    nodes: int
    note: str
    pools: list[str]
    prefecture: str
    silent_pools: int
    source: str
    stage: str
    zone: str
    booked_kw: float | None | Unset = UNSET
    bounds: SiteViewBounds | Unset = UNSET
    class_: None | str | Unset = UNSET
    computing_power_pflops: float | None | Unset = UNSET
    computing_power_planned_pflops: float | None | Unset = UNSET
    latitude: float | None | Unset = UNSET
    longitude: float | None | Unset = UNSET
    name_zh: None | str | Unset = UNSET
    peak_kw: float | None | Unset = UNSET
    position: None | str | Unset = UNSET
    power_cap_kw: float | None | Unset = UNSET
    power_kw: float | None | Unset = UNSET
    precision: None | str | Unset = UNSET
    provider: None | str | Unset = UNSET
    pue: float | None | Unset = UNSET
    pue_source: None | str | Unset = UNSET
    racks: float | None | Unset = UNSET
    racks_planned: float | None | Unset = UNSET
    shaved_to_kw: float | None | Unset = UNSET
    stage_date: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        closed = self.closed

        cores = self.cores

        cores_held = self.cores_held

        devices = self.devices

        devices_held = self.devices_held

        evidence = self.evidence

        id = self.id

        jobs = self.jobs

        name = self.name

        named = self.named

        nodes = self.nodes

        note = self.note

        pools = self.pools

        prefecture = self.prefecture

        silent_pools = self.silent_pools

        source = self.source

        stage = self.stage

        zone = self.zone

        booked_kw: float | None | Unset
        if isinstance(self.booked_kw, Unset):
            booked_kw = UNSET
        else:
            booked_kw = self.booked_kw

        bounds: dict[str, Any] | Unset = UNSET
        if not isinstance(self.bounds, Unset):
            bounds = self.bounds.to_dict()

        class_: None | str | Unset
        if isinstance(self.class_, Unset):
            class_ = UNSET
        else:
            class_ = self.class_

        computing_power_pflops: float | None | Unset
        if isinstance(self.computing_power_pflops, Unset):
            computing_power_pflops = UNSET
        else:
            computing_power_pflops = self.computing_power_pflops

        computing_power_planned_pflops: float | None | Unset
        if isinstance(self.computing_power_planned_pflops, Unset):
            computing_power_planned_pflops = UNSET
        else:
            computing_power_planned_pflops = self.computing_power_planned_pflops

        latitude: float | None | Unset
        if isinstance(self.latitude, Unset):
            latitude = UNSET
        else:
            latitude = self.latitude

        longitude: float | None | Unset
        if isinstance(self.longitude, Unset):
            longitude = UNSET
        else:
            longitude = self.longitude

        name_zh: None | str | Unset
        if isinstance(self.name_zh, Unset):
            name_zh = UNSET
        else:
            name_zh = self.name_zh

        peak_kw: float | None | Unset
        if isinstance(self.peak_kw, Unset):
            peak_kw = UNSET
        else:
            peak_kw = self.peak_kw

        position: None | str | Unset
        if isinstance(self.position, Unset):
            position = UNSET
        else:
            position = self.position

        power_cap_kw: float | None | Unset
        if isinstance(self.power_cap_kw, Unset):
            power_cap_kw = UNSET
        else:
            power_cap_kw = self.power_cap_kw

        power_kw: float | None | Unset
        if isinstance(self.power_kw, Unset):
            power_kw = UNSET
        else:
            power_kw = self.power_kw

        precision: None | str | Unset
        if isinstance(self.precision, Unset):
            precision = UNSET
        else:
            precision = self.precision

        provider: None | str | Unset
        if isinstance(self.provider, Unset):
            provider = UNSET
        else:
            provider = self.provider

        pue: float | None | Unset
        if isinstance(self.pue, Unset):
            pue = UNSET
        else:
            pue = self.pue

        pue_source: None | str | Unset
        if isinstance(self.pue_source, Unset):
            pue_source = UNSET
        else:
            pue_source = self.pue_source

        racks: float | None | Unset
        if isinstance(self.racks, Unset):
            racks = UNSET
        else:
            racks = self.racks

        racks_planned: float | None | Unset
        if isinstance(self.racks_planned, Unset):
            racks_planned = UNSET
        else:
            racks_planned = self.racks_planned

        shaved_to_kw: float | None | Unset
        if isinstance(self.shaved_to_kw, Unset):
            shaved_to_kw = UNSET
        else:
            shaved_to_kw = self.shaved_to_kw

        stage_date: None | str | Unset
        if isinstance(self.stage_date, Unset):
            stage_date = UNSET
        else:
            stage_date = self.stage_date

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "closed": closed,
                "cores": cores,
                "cores_held": cores_held,
                "devices": devices,
                "devices_held": devices_held,
                "evidence": evidence,
                "id": id,
                "jobs": jobs,
                "name": name,
                "named": named,
                "nodes": nodes,
                "note": note,
                "pools": pools,
                "prefecture": prefecture,
                "silent_pools": silent_pools,
                "source": source,
                "stage": stage,
                "zone": zone,
            }
        )
        if booked_kw is not UNSET:
            field_dict["booked_kw"] = booked_kw
        if bounds is not UNSET:
            field_dict["bounds"] = bounds
        if class_ is not UNSET:
            field_dict["class"] = class_
        if computing_power_pflops is not UNSET:
            field_dict["computing_power_pflops"] = computing_power_pflops
        if computing_power_planned_pflops is not UNSET:
            field_dict["computing_power_planned_pflops"] = computing_power_planned_pflops
        if latitude is not UNSET:
            field_dict["latitude"] = latitude
        if longitude is not UNSET:
            field_dict["longitude"] = longitude
        if name_zh is not UNSET:
            field_dict["name_zh"] = name_zh
        if peak_kw is not UNSET:
            field_dict["peak_kw"] = peak_kw
        if position is not UNSET:
            field_dict["position"] = position
        if power_cap_kw is not UNSET:
            field_dict["power_cap_kw"] = power_cap_kw
        if power_kw is not UNSET:
            field_dict["power_kw"] = power_kw
        if precision is not UNSET:
            field_dict["precision"] = precision
        if provider is not UNSET:
            field_dict["provider"] = provider
        if pue is not UNSET:
            field_dict["pue"] = pue
        if pue_source is not UNSET:
            field_dict["pue_source"] = pue_source
        if racks is not UNSET:
            field_dict["racks"] = racks
        if racks_planned is not UNSET:
            field_dict["racks_planned"] = racks_planned
        if shaved_to_kw is not UNSET:
            field_dict["shaved_to_kw"] = shaved_to_kw
        if stage_date is not UNSET:
            field_dict["stage_date"] = stage_date

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.site_view_bounds import SiteViewBounds  # noqa: PLC0415

        d = dict(src_dict)
        closed = d.pop("closed")

        cores = d.pop("cores")

        cores_held = d.pop("cores_held")

        devices = d.pop("devices")

        devices_held = d.pop("devices_held")

        evidence = d.pop("evidence")

        id = d.pop("id")

        jobs = d.pop("jobs")

        name = d.pop("name")

        named = d.pop("named")

        nodes = d.pop("nodes")

        note = d.pop("note")

        pools = cast(list[str], d.pop("pools"))

        prefecture = d.pop("prefecture")

        silent_pools = d.pop("silent_pools")

        source = d.pop("source")

        stage = d.pop("stage")

        zone = d.pop("zone")

        def _parse_booked_kw(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        booked_kw = _parse_booked_kw(d.pop("booked_kw", UNSET))

        _bounds = d.pop("bounds", UNSET)
        bounds: SiteViewBounds | Unset
        if isinstance(_bounds, Unset):
            bounds = UNSET
        else:
            bounds = SiteViewBounds.from_dict(_bounds)

        def _parse_class_(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        class_ = _parse_class_(d.pop("class", UNSET))

        def _parse_computing_power_pflops(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        computing_power_pflops = _parse_computing_power_pflops(d.pop("computing_power_pflops", UNSET))

        def _parse_computing_power_planned_pflops(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        computing_power_planned_pflops = _parse_computing_power_planned_pflops(d.pop("computing_power_planned_pflops", UNSET))

        def _parse_latitude(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        latitude = _parse_latitude(d.pop("latitude", UNSET))

        def _parse_longitude(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        longitude = _parse_longitude(d.pop("longitude", UNSET))

        def _parse_name_zh(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name_zh = _parse_name_zh(d.pop("name_zh", UNSET))

        def _parse_peak_kw(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        peak_kw = _parse_peak_kw(d.pop("peak_kw", UNSET))

        def _parse_position(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        position = _parse_position(d.pop("position", UNSET))

        def _parse_power_cap_kw(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        power_cap_kw = _parse_power_cap_kw(d.pop("power_cap_kw", UNSET))

        def _parse_power_kw(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        power_kw = _parse_power_kw(d.pop("power_kw", UNSET))

        def _parse_precision(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        precision = _parse_precision(d.pop("precision", UNSET))

        def _parse_provider(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        provider = _parse_provider(d.pop("provider", UNSET))

        def _parse_pue(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        pue = _parse_pue(d.pop("pue", UNSET))

        def _parse_pue_source(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        pue_source = _parse_pue_source(d.pop("pue_source", UNSET))

        def _parse_racks(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        racks = _parse_racks(d.pop("racks", UNSET))

        def _parse_racks_planned(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        racks_planned = _parse_racks_planned(d.pop("racks_planned", UNSET))

        def _parse_shaved_to_kw(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        shaved_to_kw = _parse_shaved_to_kw(d.pop("shaved_to_kw", UNSET))

        def _parse_stage_date(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        stage_date = _parse_stage_date(d.pop("stage_date", UNSET))

        site_view = cls(
            closed=closed,
            cores=cores,
            cores_held=cores_held,
            devices=devices,
            devices_held=devices_held,
            evidence=evidence,
            id=id,
            jobs=jobs,
            name=name,
            named=named,
            nodes=nodes,
            note=note,
            pools=pools,
            prefecture=prefecture,
            silent_pools=silent_pools,
            source=source,
            stage=stage,
            zone=zone,
            booked_kw=booked_kw,
            bounds=bounds,
            class_=class_,
            computing_power_pflops=computing_power_pflops,
            computing_power_planned_pflops=computing_power_planned_pflops,
            latitude=latitude,
            longitude=longitude,
            name_zh=name_zh,
            peak_kw=peak_kw,
            position=position,
            power_cap_kw=power_cap_kw,
            power_kw=power_kw,
            precision=precision,
            provider=provider,
            pue=pue,
            pue_source=pue_source,
            racks=racks,
            racks_planned=racks_planned,
            shaved_to_kw=shaved_to_kw,
            stage_date=stage_date,
        )

        site_view.additional_properties = d
        return site_view

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
