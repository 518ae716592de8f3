from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.emitted_view import EmittedView
    from ..models.output_form import OutputForm


T = TypeVar("T", bound="JobView")


@_attrs_define
class JobView:
    """A job.

    Attributes:
        command (list[str]): Program and arguments; not shown to providers.
        cpu (float): Cores for each replica.
        devices (int): Devices for each replica.
        id (str): `job-42`.
        memory_bytes (int): Memory for each replica; zero is no limit.
        models (list[str]): Acceptable models; empty for any.
        name (str): What its tenant calls it.
        priority (int): Higher goes first.
        replicas (int): How many start together.
        state (str): waiting, placed, running, stopping, done, failed, cancelled or lost.
        submitted_at (str): RFC 3339.
        tenant (str): Whose it is.
        wait_s (float): Waiting for a place and for its start, in all attempts together, until now or its end. What a
            lost attempt ran is counted
            as waiting where nobody knows it.
        carbon_kg (float | None | Unset): Carbon emitted; null where no factor is known.
        cost_yuan (float | None | Unset): What was paid; null until it ended.
        cpu_s (float | None | Unset): Core-seconds used.
        emitted (EmittedView | None | Unset):
        end (None | str | Unset): How it ended, where there is more to say than its state.
        ended_at (None | str | Unset): RFC 3339.
        energy_kwh (float | None | Unset): Energy, with the facility's share where its PUE is published; null while
            unknown.
        energy_source (None | str | Unset): rapl, cluster, modelled or unknown.
        exit_code (int | None | Unset): As a shell gives it.
        inputs (list[str] | Unset): Data that it reads.
        nodes (list[str] | Unset): The node of each replica, while it has a place; told of a single job only.
        note (None | str | Unset): What its site says of it, while it has it and has not started it; told of a single
            job only.
        outputs (list[OutputForm] | Unset): What is brought where once it has ended well; not shown to providers.
        part (float | None | Unset): How much of its one device a replica asks for, if not all of it.
        peak_memory_bytes (int | None | Unset): Peak memory.
        placed_at (None | str | Unset): RFC 3339.
        pool (None | str | Unset): Where it is or was.
        run_s (float | None | Unset): From the start of its last attempt to its end, or to now; null before it starts.
        started_at (None | str | Unset): RFC 3339.
        time_limit_s (float | None | Unset): Stopped when it ran so long.
        wait_by_choice_s (float | None | Unset): How much of that it waited by choice, for cleaner or cheaper hours:
            what counts in no queue. Shown with one job.
    """

    command: list[str]
    cpu: float
    devices: int
    id: str
    memory_bytes: int
    models: list[str]
    name: str
    priority: int
    replicas: int
    state: str
    submitted_at: str
    tenant: str
    wait_s: float
    carbon_kg: float | None | Unset = UNSET
    cost_yuan: float | None | Unset = UNSET
    cpu_s: float | None | Unset = UNSET
    emitted: EmittedView | None | Unset = UNSET
    end: None | str | Unset = UNSET
    ended_at: None | str | Unset = UNSET
    energy_kwh: float | None | Unset = UNSET
    energy_source: None | str | Unset = UNSET
    exit_code: int | None | Unset = UNSET
    inputs: list[str] | Unset = UNSET
    nodes: list[str] | Unset = UNSET
    note: None | str | Unset = UNSET
    outputs: list[OutputForm] | Unset = UNSET
    part: float | None | Unset = UNSET
    peak_memory_bytes: int | None | Unset = UNSET
    placed_at: None | str | Unset = UNSET
    pool: None | str | Unset = UNSET
    run_s: float | None | Unset = UNSET
    started_at: None | str | Unset = UNSET
    time_limit_s: float | None | Unset = UNSET
    wait_by_choice_s: float | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.emitted_view import EmittedView  # noqa: PLC0415

        command = self.command

        cpu = self.cpu

        devices = self.devices

        id = self.id

        memory_bytes = self.memory_bytes

        models = self.models

        name = self.name

        priority = self.priority

        replicas = self.replicas

        state = self.state

        submitted_at = self.submitted_at

        tenant = self.tenant

        wait_s = self.wait_s

        carbon_kg: float | None | Unset
        if isinstance(self.carbon_kg, Unset):
            carbon_kg = UNSET
        else:
            carbon_kg = self.carbon_kg

        cost_yuan: float | None | Unset
        if isinstance(self.cost_yuan, Unset):
            cost_yuan = UNSET
        else:
            cost_yuan = self.cost_yuan

        cpu_s: float | None | Unset
        if isinstance(self.cpu_s, Unset):
            cpu_s = UNSET
        else:
            cpu_s = self.cpu_s

        emitted: dict[str, Any] | None | Unset
        if isinstance(self.emitted, Unset):
            emitted = UNSET
        elif isinstance(self.emitted, EmittedView):
            emitted = self.emitted.to_dict()
        else:
            emitted = self.emitted

        end: None | str | Unset
        if isinstance(self.end, Unset):
            end = UNSET
        else:
            end = self.end

        ended_at: None | str | Unset
        if isinstance(self.ended_at, Unset):
            ended_at = UNSET
        else:
            ended_at = self.ended_at

        energy_kwh: float | None | Unset
        if isinstance(self.energy_kwh, Unset):
            energy_kwh = UNSET
        else:
            energy_kwh = self.energy_kwh

        energy_source: None | str | Unset
        if isinstance(self.energy_source, Unset):
            energy_source = UNSET
        else:
            energy_source = self.energy_source

        exit_code: int | None | Unset
        if isinstance(self.exit_code, Unset):
            exit_code = UNSET
        else:
            exit_code = self.exit_code

        inputs: list[str] | Unset = UNSET
        if not isinstance(self.inputs, Unset):
            inputs = self.inputs

        nodes: list[str] | Unset = UNSET
        if not isinstance(self.nodes, Unset):
            nodes = self.nodes

        note: None | str | Unset
        if isinstance(self.note, Unset):
            note = UNSET
        else:
            note = self.note

        outputs: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.outputs, Unset):
            outputs = []
            for outputs_item_data in self.outputs:
                outputs_item = outputs_item_data.to_dict()
                outputs.append(outputs_item)

        part: float | None | Unset
        if isinstance(self.part, Unset):
            part = UNSET
        else:
            part = self.part

        peak_memory_bytes: int | None | Unset
        if isinstance(self.peak_memory_bytes, Unset):
            peak_memory_bytes = UNSET
        else:
            peak_memory_bytes = self.peak_memory_bytes

        placed_at: None | str | Unset
        if isinstance(self.placed_at, Unset):
            placed_at = UNSET
        else:
            placed_at = self.placed_at

        pool: None | str | Unset
        if isinstance(self.pool, Unset):
            pool = UNSET
        else:
            pool = self.pool

        run_s: float | None | Unset
        if isinstance(self.run_s, Unset):
            run_s = UNSET
        else:
            run_s = self.run_s

        started_at: None | str | Unset
        if isinstance(self.started_at, Unset):
            started_at = UNSET
        else:
            started_at = self.started_at

        time_limit_s: float | None | Unset
        if isinstance(self.time_limit_s, Unset):
            time_limit_s = UNSET
        else:
            time_limit_s = self.time_limit_s

        wait_by_choice_s: float | None | Unset
        if isinstance(self.wait_by_choice_s, Unset):
            wait_by_choice_s = UNSET
        else:
            wait_by_choice_s = self.wait_by_choice_s

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "command": command,
                "cpu": cpu,
                "devices": devices,
                "id": id,
                "memory_bytes": memory_bytes,
                "models": models,
                "name": name,
                "priority": priority,
                "replicas": replicas,
                "state": state,
                "submitted_at": submitted_at,
                "tenant": tenant,
                "wait_s": wait_s,
            }
        )
        if carbon_kg is not UNSET:
            field_dict["carbon_kg"] = carbon_kg
        if cost_yuan is not UNSET:
            field_dict["cost_yuan"] = cost_yuan
        if cpu_s is not UNSET:
            field_dict["cpu_s"] = cpu_s
        if emitted is not UNSET:
            field_dict["emitted"] = emitted
        if end is not UNSET:
            field_dict["end"] = end
        if ended_at is not UNSET:
            field_dict["ended_at"] = ended_at
        if energy_kwh is not UNSET:
            field_dict["energy_kwh"] = energy_kwh
        if energy_source is not UNSET:
            field_dict["energy_source"] = energy_source
        if exit_code is not UNSET:
            field_dict["exit_code"] = exit_code
        if inputs is not UNSET:
            field_dict["inputs"] = inputs
        if nodes is not UNSET:
            field_dict["nodes"] = nodes
        if note is not UNSET:
            field_dict["note"] = note
        if outputs is not UNSET:
            field_dict["outputs"] = outputs
        if part is not UNSET:
            field_dict["part"] = part
        if peak_memory_bytes is not UNSET:
            field_dict["peak_memory_bytes"] = peak_memory_bytes
        if placed_at is not UNSET:
            field_dict["placed_at"] = placed_at
        if pool is not UNSET:
            field_dict["pool"] = pool
        if run_s is not UNSET:
            field_dict["run_s"] = run_s
        if started_at is not UNSET:
            field_dict["started_at"] = started_at
        if time_limit_s is not UNSET:
            field_dict["time_limit_s"] = time_limit_s
        if wait_by_choice_s is not UNSET:
            field_dict["wait_by_choice_s"] = wait_by_choice_s

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.emitted_view import EmittedView  # noqa: PLC0415
        from ..models.output_form import OutputForm  # noqa: PLC0415

        d = dict(src_dict)
        command = cast(list[str], d.pop("command"))

        cpu = d.pop("cpu")

        devices = d.pop("devices")

        id = d.pop("id")

        memory_bytes = d.pop("memory_bytes")

        models = cast(list[str], d.pop("models"))

        name = d.pop("name")

        priority = d.pop("priority")

        replicas = d.pop("replicas")

        state = d.pop("state")

        submitted_at = d.pop("submitted_at")

        tenant = d.pop("tenant")

        wait_s = d.pop("wait_s")

        def _parse_carbon_kg(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        carbon_kg = _parse_carbon_kg(d.pop("carbon_kg", UNSET))

        def _parse_cost_yuan(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        cost_yuan = _parse_cost_yuan(d.pop("cost_yuan", UNSET))

        def _parse_cpu_s(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        cpu_s = _parse_cpu_s(d.pop("cpu_s", UNSET))

        def _parse_emitted(data: object) -> EmittedView | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                emitted_type_0 = EmittedView.from_dict(data)

                return emitted_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(EmittedView | None | Unset, data)

        emitted = _parse_emitted(d.pop("emitted", UNSET))

        def _parse_end(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        end = _parse_end(d.pop("end", UNSET))

        def _parse_ended_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        ended_at = _parse_ended_at(d.pop("ended_at", UNSET))

        def _parse_energy_kwh(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        energy_kwh = _parse_energy_kwh(d.pop("energy_kwh", UNSET))

        def _parse_energy_source(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        energy_source = _parse_energy_source(d.pop("energy_source", UNSET))

        def _parse_exit_code(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        exit_code = _parse_exit_code(d.pop("exit_code", UNSET))

        inputs = cast(list[str], d.pop("inputs", UNSET))

        nodes = cast(list[str], d.pop("nodes", UNSET))

        def _parse_note(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        note = _parse_note(d.pop("note", UNSET))

        _outputs = d.pop("outputs", UNSET)
        outputs: list[OutputForm] | Unset = UNSET
        if _outputs is not UNSET:
            outputs = []
            for outputs_item_data in _outputs:
                outputs_item = OutputForm.from_dict(outputs_item_data)

                outputs.append(outputs_item)

        def _parse_part(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        part = _parse_part(d.pop("part", UNSET))

        def _parse_peak_memory_bytes(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        peak_memory_bytes = _parse_peak_memory_bytes(d.pop("peak_memory_bytes", UNSET))

        def _parse_placed_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        placed_at = _parse_placed_at(d.pop("placed_at", UNSET))

        def _parse_pool(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        pool = _parse_pool(d.pop("pool", UNSET))

        def _parse_run_s(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        run_s = _parse_run_s(d.pop("run_s", UNSET))

        def _parse_started_at(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        started_at = _parse_started_at(d.pop("started_at", UNSET))

        def _parse_time_limit_s(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        time_limit_s = _parse_time_limit_s(d.pop("time_limit_s", UNSET))

        def _parse_wait_by_choice_s(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        wait_by_choice_s = _parse_wait_by_choice_s(d.pop("wait_by_choice_s", UNSET))

        job_view = cls(
            command=command,
            cpu=cpu,
            devices=devices,
            id=id,
            memory_bytes=memory_bytes,
            models=models,
            name=name,
            priority=priority,
            replicas=replicas,
            state=state,
            submitted_at=submitted_at,
            tenant=tenant,
            wait_s=wait_s,
            carbon_kg=carbon_kg,
            cost_yuan=cost_yuan,
            cpu_s=cpu_s,
            emitted=emitted,
            end=end,
            ended_at=ended_at,
            energy_kwh=energy_kwh,
            energy_source=energy_source,
            exit_code=exit_code,
            inputs=inputs,
            nodes=nodes,
            note=note,
            outputs=outputs,
            part=part,
            peak_memory_bytes=peak_memory_bytes,
            placed_at=placed_at,
            pool=pool,
            run_s=run_s,
            started_at=started_at,
            time_limit_s=time_limit_s,
            wait_by_choice_s=wait_by_choice_s,
        )

        job_view.additional_properties = d
        return job_view

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
