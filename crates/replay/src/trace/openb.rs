//! Pods and nodes of Alibaba's GPU cluster trace of 2023 (`openb`).

use std::collections::BTreeSet;

use dispatch::{Ask, Node, Shape};
use measure::{Cpu, Devices, Memory};

use super::table::Row;
use super::{Table, Trace, TraceJob, note};
use crate::wrong::Wrong;

const POD_COLUMNS: &[&str] = &[
    "name",
    "cpu_milli",
    "memory_mib",
    "num_gpu",
    "gpu_milli",
    "gpu_spec",
    "qos",
    "pod_phase",
    "creation_time",
    "deletion_time",
    "scheduled_time",
];

const NO_TIMES: &str = "this list has no times and can be used with the packing protocol (openb-fill) only";

const NODE_COLUMNS: &[&str] = &["sn", "cpu_milli", "memory_mib", "gpu", "model"];

/// Reads a pod list.
pub(super) fn read(file: &str, text: &str) -> Result<Trace, Wrong> {
    let mut trace = Trace::default();
    let (mut parts, mut never_scheduled) = (0_u64, 0_u64);
    Table::open(file, text, POD_COLUMNS, Some((&POD_COLUMNS[..5], NO_TIMES)))?.each(|row| {
        // A pod that was never scheduled says nothing of how long it would have run; what it waited stands in.
        let unscheduled = row.text("scheduled_time").is_empty();
        let began = if unscheduled { "creation_time" } else { "scheduled_time" };
        let run = row.seconds("deletion_time")? - row.seconds(began)?;
        if run.0 < 0 {
            return Err(row.wrong("deletion_time", format!("lies before {began}")));
        }
        let devices = Devices(row.whole("num_gpu")?);
        parts += u64::from(is_part(row, devices)?);
        never_scheduled += u64::from(unscheduled);
        trace.jobs.push(TraceJob {
            submit: row.seconds("creation_time")?,
            run,
            tenant: row.name("qos", &row.text("qos").to_lowercase())?,
            name: row.text("name").to_owned(),
            shape: Shape {
                replicas: 1,
                asks: vec![Ask { devices, models: models(row, devices) }],
                cpu: Cpu(row.whole("cpu_milli")?.into()),
                memory: Memory::mebibytes(row.whole("memory_mib")?.into()),
            },
            spreads: false,
            time_limit: None,
            priority: 0,
        });
        Ok(())
    })?;
    trace.notes.push("This trace names no tenants: the quality of service of a pod stands in for one.".to_owned());
    note(&mut trace.notes, "Pods that ask for a part of a device and are given a whole one", parts);
    note(
        &mut trace.notes,
        "Pods never scheduled, which run here for the time from their creation to their deletion",
        never_scheduled,
    );
    Ok(trace)
}

/// Whether the pod asks for a part of one device.
fn is_part(row: &Row, devices: Devices) -> Result<bool, Wrong> {
    match (devices.0, row.whole("gpu_milli")?) {
        (_, 1001..) => Err(row.wrong("gpu_milli", "a device has 1000 thousandths")),
        (2.., 0..=999) => Err(row.wrong("gpu_milli", "only a pod of one device may ask for a part of it")),
        (1, 0..=999) => Ok(true),
        _ => Ok(false),
    }
}

/// The acceptable models in the order given, each once, so that equal wishes make equal shapes.
fn models(row: &Row, devices: Devices) -> Vec<String> {
    let mut models: Vec<String> = Vec::new();
    let named = row.text("gpu_spec").split('|').filter(|model| !model.is_empty() && devices.0 > 0);
    for model in named {
        if !models.iter().any(|known| known == model) {
            models.push(model.to_owned());
        }
    }
    models
}

/// Reads a node list.
pub(crate) fn read_nodes(file: &str, text: &str) -> Result<Vec<Node>, Wrong> {
    let mut nodes = Vec::new();
    let mut names = BTreeSet::new();
    Table::open(file, text, NODE_COLUMNS, None)?.each(|row| {
        let (name, model) = (row.text("sn"), row.text("model"));
        let devices = Devices(row.whole("gpu")?);
        if name.is_empty() {
            return Err(row.wrong("sn", "is empty"));
        }
        if !names.insert(name.to_owned()) {
            return Err(row.wrong("sn", format!("`{name}` stands in this file twice")));
        }
        if devices.0 > Node::DEVICES_MAX {
            return Err(row.wrong("gpu", format!("`{devices}` devices; {} is the most a node may have", Node::DEVICES_MAX)));
        }
        if (devices.0 > 0) == model.is_empty() {
            return Err(row.wrong("model", "devices need a model, and a model needs devices"));
        }
        nodes.push(Node {
            name: name.to_owned(),
            model: (!model.is_empty()).then(|| model.to_owned()),
            devices,
            cpu: Cpu(row.whole("cpu_milli")?.into()),
            memory: Memory::mebibytes(row.whole("memory_mib")?.into()),
        });
        Ok(())
    })?;
    Ok(nodes)
}
