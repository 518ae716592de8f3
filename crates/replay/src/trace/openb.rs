//! Pods and nodes of Alibaba's GPU cluster trace of 2023 (`openb`).

use std::collections::BTreeSet;

use dispatch::{Ask, Node, Shape, Spec, WHOLE};
use measure::{Cpu, Devices, Memory, Span};

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
    let mut never_scheduled = 0_u64;
    Table::open(file, text, POD_COLUMNS, Some((&POD_COLUMNS[..5], NO_TIMES)))?.each(|row| {
        // A pod that was never scheduled says nothing of how long it would have run; what it waited stands in.
        let unscheduled = row.text("scheduled_time").is_empty();
        let began = if unscheduled { "creation_time" } else { "scheduled_time" };
        let run = row.seconds("deletion_time")? - row.seconds(began)?;
        if run.0 < 0 {
            return Err(row.wrong("deletion_time", format!("lies before {began}")));
        }
        never_scheduled += u64::from(unscheduled);
        let tenant = row.name("qos", &row.text("qos").to_lowercase())?;
        trace.jobs.push(TraceJob { submit: row.seconds("creation_time")?, run, tenant, ..pod(row)? });
        Ok(())
    })?;
    trace.notes.push("This trace names no tenants: the quality of service of a pod stands in for one.".to_owned());
    note(
        &mut trace.notes,
        "Pods never scheduled, which run here for the time from their creation to their deletion",
        never_scheduled,
    );
    Ok(trace)
}

/// Reads what a pod list says of its pods beside their times, which some lists leave out.
pub(crate) fn pods(file: &str, text: &str) -> Result<Trace, Wrong> {
    let mut trace = Trace::default();
    let mut names = BTreeSet::new();
    let columns = if text.lines().next().is_some_and(|line| line.contains("qos")) { POD_COLUMNS } else { &POD_COLUMNS[..5] };
    let columns = if text.lines().next().is_some_and(|line| line.ends_with("gpu_spec")) { &POD_COLUMNS[..6] } else { columns };
    Table::open(file, text, columns, None)?.each(|row| {
        let job = pod(row)?;
        if !names.insert(job.name.clone()) {
            return Err(row.wrong("name", format!("`{}` stands in this file twice", job.name)));
        }
        trace.jobs.push(job);
        Ok(())
    })?;
    Ok(trace)
}

/// Names, one a line, with the numbers of their lines.
pub(crate) fn names(text: &str) -> impl Iterator<Item = (u64, &str)> {
    (1..).zip(text.lines().map(str::trim)).filter(|(_, name)| !name.is_empty())
}

fn pod(row: &Row) -> Result<TraceJob, Wrong> {
    let devices = Devices(row.whole("num_gpu")?);
    let part = part(row, devices)?;
    let shape = Shape {
        asks: vec![Ask { part, ..Ask::of(devices, models(row, devices)) }],
        cpu: Cpu(row.whole("cpu_milli")?.into()),
        memory: Memory::mebibytes(row.whole("memory_mib")?.into()),
        ..Shape::default()
    };
    Ok(TraceJob {
        submit: Span::ZERO,
        run: Span::ZERO,
        tenant: "pods".parse().expect("it is a name"),
        name: row.text("name").to_owned(),
        shape,
        spreads: false,
        time_limit: None,
        priority: 0,
        spec: Spec::default(),
    })
}

/// How much of a device the pod asks for.
fn part(row: &Row, devices: Devices) -> Result<u16, Wrong> {
    match (devices.0, row.whole("gpu_milli")?) {
        (_, 1001..) => Err(row.wrong("gpu_milli", "a device has 1000 thousandths")),
        (2.., 0..=999) => Err(row.wrong("gpu_milli", "only a pod of one device may ask for a part of it")),
        (1, 0) => Err(row.wrong("gpu_milli", "a pod of one device asks for some of it")),
        (1, milli) => Ok(milli as u16),
        _ => Ok(WHOLE),
    }
}

/// The acceptable models in the order given, each once, so that equal wishes make equal shapes.
fn models(row: &Row, devices: Devices) -> Vec<String> {
    let mut models: Vec<String> = Vec::new();
    let named = row.optional("gpu_spec").split('|').filter(|model| !model.is_empty() && devices.0 > 0);
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
            ..Node::default()
        });
        Ok(())
    })?;
    Ok(nodes)
}
