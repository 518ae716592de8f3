from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.alternative import Alternative
    from ..models.lease_form import LeaseForm
    from ..models.notice_form import NoticeForm
    from ..models.output_form import OutputForm
    from ..models.submit_form_env import SubmitFormEnv
    from ..models.suspend_form import SuspendForm


T = TypeVar("T", bound="SubmitForm")


@_attrs_define
class SubmitForm:
    """A job to be submitted. Everything but the command has a default.

    Attributes:
        command (list[str]): Program and arguments.
        after (list[str] | Unset): Jobs that must have started before.
        after_any (list[str] | Unset): Jobs that must have ended before, however.
        after_ok (list[str] | Unset): Jobs that must have ended well before; if one does not, this one never starts.
        alternatives (list[Alternative] | Unset): Other ways to serve a replica, in order of preference after `devices`
            and `models`.
        apart (None | str | Unset): Where the tasks of the array must not meet: `nodes` or `sites`.
        array (int | None | Unset): So many tasks of the same job; each learns its number from SHUGU_ARRAY_INDEX.
        cpus (None | str | Unset): Cores for each replica: 2, 0.5 or "500m". One core if no devices are asked for.
        deadline (None | str | Unset): When it should have ended: "2026-12-01T08:00:00Z". Its turn is the latest start
            that keeps it, so the most
            pressing goes first; refused if it cannot be met.
        device_memory_gb (int | None | Unset): The least memory of a device, in GB.
        devices (float | None | Unset): Devices for each replica, or a part of one such as 0.5; leave out for work on
            cores only.
        directory (None | str | Unset): Working directory at the site; the job's own folder if left out.
        env (SubmitFormEnv | Unset): Environment.
        image (None | str | Unset): Container image, as a registry names it: "registry.example/team/train:3". It runs
            only where images are run then;
            if left out, in the software that a site has.
        inputs (list[str] | Unset): Data that it reads: its place is weighed against bringing it, and SHUGU_INPUT_NAME
            says where it lies.
        lease (LeaseForm | None | Unset):
        max_pue (float | None | Unset): The highest PUE of a site at which it may run.
        memory (None | str | Unset): Memory for each replica: "512MiB". Nothing is reserved or limited if left out.
        models (list[str] | Unset): Acceptable device models: a model, or the beginning of several ("Ascend 910B").
        name (None | str | Unset): What to call it; the program's name if left out.
        notice (None | NoticeForm | Unset):
        outputs (list[OutputForm] | Unset): What is brought where once it has ended well.
        patience (None | str | Unset): How long it may wait, pauses included, for hours in which power is cheaper or
            cleaner: `now` (not at all), `today` (a day),
            `this-week` (seven days), or a length of time such as "6h"; as arranged with its tenant if left out. It never
            waits so for longer
            than its deadline leaves.
        pools (list[str] | Unset): Pools at which it may run; any if left out.
        power (None | str | Unset): The least computing power of all replicas together, dense: "20 PFLOPS fp16". As many
            replicas are started as
            reach it.
        preemptible (bool | Unset): Whether it may be stopped for other work and be started anew later.
        priority (int | None | Unset): Higher goes first; -100 to 100.
        replicas (int | None | Unset): How many replicas start together, or not at all.
        retries (int | None | Unset): How often it is tried again after its place was lost. Its program's own failure is
            never retried.
        sites (list[str] | Unset): Sites at which it may run, where its data must stay there; any if left out.
        spread (None | str | Unset): `nodes` for no two replicas on one node.
        suspend (None | SuspendForm | Unset):
        tenant (None | str | Unset): Whose job it is; operators only. A tenant's token says it already.
        time_limit (None | str | Unset): Stopped when it ran so long: "2h", "90s" or seconds.
    """

    command: list[str]
    after: list[str] | Unset = UNSET
    after_any: list[str] | Unset = UNSET
    after_ok: list[str] | Unset = UNSET
    alternatives: list[Alternative] | Unset = UNSET
    apart: None | str | Unset = UNSET
    array: int | None | Unset = UNSET
    cpus: None | str | Unset = UNSET
    deadline: None | str | Unset = UNSET
    device_memory_gb: int | None | Unset = UNSET
    devices: float | None | Unset = UNSET
    directory: None | str | Unset = UNSET
    env: SubmitFormEnv | Unset = UNSET
    image: None | str | Unset = UNSET
    inputs: list[str] | Unset = UNSET
    lease: LeaseForm | None | Unset = UNSET
    max_pue: float | None | Unset = UNSET
    memory: None | str | Unset = UNSET
    models: list[str] | Unset = UNSET
    name: None | str | Unset = UNSET
    notice: None | NoticeForm | Unset = UNSET
    outputs: list[OutputForm] | Unset = UNSET
    patience: None | str | Unset = UNSET
    pools: list[str] | Unset = UNSET
    power: None | str | Unset = UNSET
    preemptible: bool | Unset = UNSET
    priority: int | None | Unset = UNSET
    replicas: int | None | Unset = UNSET
    retries: int | None | Unset = UNSET
    sites: list[str] | Unset = UNSET
    spread: None | str | Unset = UNSET
    suspend: None | SuspendForm | Unset = UNSET
    tenant: None | str | Unset = UNSET
    time_limit: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.lease_form import LeaseForm  # noqa: PLC0415
        from ..models.notice_form import NoticeForm  # noqa: PLC0415
        from ..models.suspend_form import SuspendForm  # noqa: PLC0415

        command = self.command

        after: list[str] | Unset = UNSET
        if not isinstance(self.after, Unset):
            after = self.after

        after_any: list[str] | Unset = UNSET
        if not isinstance(self.after_any, Unset):
            after_any = self.after_any

        after_ok: list[str] | Unset = UNSET
        if not isinstance(self.after_ok, Unset):
            after_ok = self.after_ok

        alternatives: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.alternatives, Unset):
            alternatives = []
            for alternatives_item_data in self.alternatives:
                alternatives_item = alternatives_item_data.to_dict()
                alternatives.append(alternatives_item)

        apart: None | str | Unset
        if isinstance(self.apart, Unset):
            apart = UNSET
        else:
            apart = self.apart

        array: int | None | Unset
        if isinstance(self.array, Unset):
            array = UNSET
        else:
            array = self.array

        cpus: None | str | Unset
        if isinstance(self.cpus, Unset):
            cpus = UNSET
        else:
            cpus = self.cpus

        deadline: None | str | Unset
        if isinstance(self.deadline, Unset):
            deadline = UNSET
        else:
            deadline = self.deadline

        device_memory_gb: int | None | Unset
        if isinstance(self.device_memory_gb, Unset):
            device_memory_gb = UNSET
        else:
            device_memory_gb = self.device_memory_gb

        devices: float | None | Unset
        if isinstance(self.devices, Unset):
            devices = UNSET
        else:
            devices = self.devices

        directory: None | str | Unset
        if isinstance(self.directory, Unset):
            directory = UNSET
        else:
            directory = self.directory

        env: dict[str, Any] | Unset = UNSET
        if not isinstance(self.env, Unset):
            env = self.env.to_dict()

        image: None | str | Unset
        if isinstance(self.image, Unset):
            image = UNSET
        else:
            image = self.image

        inputs: list[str] | Unset = UNSET
        if not isinstance(self.inputs, Unset):
            inputs = self.inputs

        lease: dict[str, Any] | None | Unset
        if isinstance(self.lease, Unset):
            lease = UNSET
        elif isinstance(self.lease, LeaseForm):
            lease = self.lease.to_dict()
        else:
            lease = self.lease

        max_pue: float | None | Unset
        if isinstance(self.max_pue, Unset):
            max_pue = UNSET
        else:
            max_pue = self.max_pue

        memory: None | str | Unset
        if isinstance(self.memory, Unset):
            memory = UNSET
        else:
            memory = self.memory

        models: list[str] | Unset = UNSET
        if not isinstance(self.models, Unset):
            models = self.models

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        notice: dict[str, Any] | None | Unset
        if isinstance(self.notice, Unset):
            notice = UNSET
        elif isinstance(self.notice, NoticeForm):
            notice = self.notice.to_dict()
        else:
            notice = self.notice

        outputs: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.outputs, Unset):
            outputs = []
            for outputs_item_data in self.outputs:
                outputs_item = outputs_item_data.to_dict()
                outputs.append(outputs_item)

        patience: None | str | Unset
        if isinstance(self.patience, Unset):
            patience = UNSET
        else:
            patience = self.patience

        pools: list[str] | Unset = UNSET
        if not isinstance(self.pools, Unset):
            pools = self.pools

        power: None | str | Unset
        if isinstance(self.power, Unset):
            power = UNSET
        else:
            power = self.power

        preemptible = self.preemptible

        priority: int | None | Unset
        if isinstance(self.priority, Unset):
            priority = UNSET
        else:
            priority = self.priority

        replicas: int | None | Unset
        if isinstance(self.replicas, Unset):
            replicas = UNSET
        else:
            replicas = self.replicas

        retries: int | None | Unset
        if isinstance(self.retries, Unset):
            retries = UNSET
        else:
            retries = self.retries

        sites: list[str] | Unset = UNSET
        if not isinstance(self.sites, Unset):
            sites = self.sites

        spread: None | str | Unset
        if isinstance(self.spread, Unset):
            spread = UNSET
        else:
            spread = self.spread

        suspend: dict[str, Any] | None | Unset
        if isinstance(self.suspend, Unset):
            suspend = UNSET
        elif isinstance(self.suspend, SuspendForm):
            suspend = self.suspend.to_dict()
        else:
            suspend = self.suspend

        tenant: None | str | Unset
        if isinstance(self.tenant, Unset):
            tenant = UNSET
        else:
            tenant = self.tenant

        time_limit: None | str | Unset
        if isinstance(self.time_limit, Unset):
            time_limit = UNSET
        else:
            time_limit = self.time_limit

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "command": command,
            }
        )
        if after is not UNSET:
            field_dict["after"] = after
        if after_any is not UNSET:
            field_dict["after_any"] = after_any
        if after_ok is not UNSET:
            field_dict["after_ok"] = after_ok
        if alternatives is not UNSET:
            field_dict["alternatives"] = alternatives
        if apart is not UNSET:
            field_dict["apart"] = apart
        if array is not UNSET:
            field_dict["array"] = array
        if cpus is not UNSET:
            field_dict["cpus"] = cpus
        if deadline is not UNSET:
            field_dict["deadline"] = deadline
        if device_memory_gb is not UNSET:
            field_dict["device_memory_gb"] = device_memory_gb
        if devices is not UNSET:
            field_dict["devices"] = devices
        if directory is not UNSET:
            field_dict["directory"] = directory
        if env is not UNSET:
            field_dict["env"] = env
        if image is not UNSET:
            field_dict["image"] = image
        if inputs is not UNSET:
            field_dict["inputs"] = inputs
        if lease is not UNSET:
            field_dict["lease"] = lease
        if max_pue is not UNSET:
            field_dict["max_pue"] = max_pue
        if memory is not UNSET:
            field_dict["memory"] = memory
        if models is not UNSET:
            field_dict["models"] = models
        if name is not UNSET:
            field_dict["name"] = name
        if notice is not UNSET:
            field_dict["notice"] = notice
        if outputs is not UNSET:
            field_dict["outputs"] = outputs
        if patience is not UNSET:
            field_dict["patience"] = patience
        if pools is not UNSET:
            field_dict["pools"] = pools
        if power is not UNSET:
            field_dict["power"] = power
        if preemptible is not UNSET:
            field_dict["preemptible"] = preemptible
        if priority is not UNSET:
            field_dict["priority"] = priority
        if replicas is not UNSET:
            field_dict["replicas"] = replicas
        if retries is not UNSET:
            field_dict["retries"] = retries
        if sites is not UNSET:
            field_dict["sites"] = sites
        if spread is not UNSET:
            field_dict["spread"] = spread
        if suspend is not UNSET:
            field_dict["suspend"] = suspend
        if tenant is not UNSET:
            field_dict["tenant"] = tenant
        if time_limit is not UNSET:
            field_dict["time_limit"] = time_limit

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.alternative import Alternative  # noqa: PLC0415
        from ..models.lease_form import LeaseForm  # noqa: PLC0415
        from ..models.notice_form import NoticeForm  # noqa: PLC0415
        from ..models.output_form import OutputForm  # noqa: PLC0415
        from ..models.submit_form_env import SubmitFormEnv  # noqa: PLC0415
        from ..models.suspend_form import SuspendForm  # noqa: PLC0415

        d = dict(src_dict)
        command = cast(list[str], d.pop("command"))

        after = cast(list[str], d.pop("after", UNSET))

        after_any = cast(list[str], d.pop("after_any", UNSET))

        after_ok = cast(list[str], d.pop("after_ok", UNSET))

        _alternatives = d.pop("alternatives", UNSET)
        alternatives: list[Alternative] | Unset = UNSET
        if _alternatives is not UNSET:
            alternatives = []
            for alternatives_item_data in _alternatives:
                alternatives_item = Alternative.from_dict(alternatives_item_data)

                alternatives.append(alternatives_item)

        def _parse_apart(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        apart = _parse_apart(d.pop("apart", UNSET))

        def _parse_array(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        array = _parse_array(d.pop("array", UNSET))

        def _parse_cpus(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        cpus = _parse_cpus(d.pop("cpus", UNSET))

        def _parse_deadline(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        deadline = _parse_deadline(d.pop("deadline", UNSET))

        def _parse_device_memory_gb(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        device_memory_gb = _parse_device_memory_gb(d.pop("device_memory_gb", UNSET))

        def _parse_devices(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        devices = _parse_devices(d.pop("devices", UNSET))

        def _parse_directory(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        directory = _parse_directory(d.pop("directory", UNSET))

        _env = d.pop("env", UNSET)
        env: SubmitFormEnv | Unset
        if isinstance(_env, Unset):
            env = UNSET
        else:
            env = SubmitFormEnv.from_dict(_env)

        def _parse_image(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        image = _parse_image(d.pop("image", UNSET))

        inputs = cast(list[str], d.pop("inputs", UNSET))

        def _parse_lease(data: object) -> LeaseForm | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                lease_type_0 = LeaseForm.from_dict(data)

                return lease_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(LeaseForm | None | Unset, data)

        lease = _parse_lease(d.pop("lease", UNSET))

        def _parse_max_pue(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        max_pue = _parse_max_pue(d.pop("max_pue", UNSET))

        def _parse_memory(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        memory = _parse_memory(d.pop("memory", UNSET))

        models = cast(list[str], d.pop("models", UNSET))

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_notice(data: object) -> None | NoticeForm | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                notice_type_0 = NoticeForm.from_dict(data)

                return notice_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | NoticeForm | Unset, data)

        notice = _parse_notice(d.pop("notice", UNSET))

        _outputs = d.pop("outputs", UNSET)
        outputs: list[OutputForm] | Unset = UNSET
        if _outputs is not UNSET:
            outputs = []
            for outputs_item_data in _outputs:
                outputs_item = OutputForm.from_dict(outputs_item_data)

                outputs.append(outputs_item)

        def _parse_patience(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        patience = _parse_patience(d.pop("patience", UNSET))

        pools = cast(list[str], d.pop("pools", UNSET))

        def _parse_power(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        power = _parse_power(d.pop("power", UNSET))

        preemptible = d.pop("preemptible", UNSET)

        def _parse_priority(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        priority = _parse_priority(d.pop("priority", UNSET))

        def _parse_replicas(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        replicas = _parse_replicas(d.pop("replicas", UNSET))

        def _parse_retries(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        retries = _parse_retries(d.pop("retries", UNSET))

        sites = cast(list[str], d.pop("sites", UNSET))

        def _parse_spread(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        spread = _parse_spread(d.pop("spread", UNSET))

        def _parse_suspend(data: object) -> None | SuspendForm | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                suspend_type_0 = SuspendForm.from_dict(data)

                return suspend_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SuspendForm | Unset, data)

        suspend = _parse_suspend(d.pop("suspend", UNSET))

        def _parse_tenant(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        tenant = _parse_tenant(d.pop("tenant", UNSET))

        def _parse_time_limit(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        time_limit = _parse_time_limit(d.pop("time_limit", UNSET))

        submit_form = cls(
            command=command,
            after=after,
            after_any=after_any,
            after_ok=after_ok,
            alternatives=alternatives,
            apart=apart,
            array=array,
            cpus=cpus,
            deadline=deadline,
            device_memory_gb=device_memory_gb,
            devices=devices,
            directory=directory,
            env=env,
            image=image,
            inputs=inputs,
            lease=lease,
            max_pue=max_pue,
            memory=memory,
            models=models,
            name=name,
            notice=notice,
            outputs=outputs,
            patience=patience,
            pools=pools,
            power=power,
            preemptible=preemptible,
            priority=priority,
            replicas=replicas,
            retries=retries,
            sites=sites,
            spread=spread,
            suspend=suspend,
            tenant=tenant,
            time_limit=time_limit,
        )

        return submit_form
