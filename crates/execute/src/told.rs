//! Everything that an agent reads of what others tell it, out of any text: for showing that whatever they tell, it can be read
//! (docs/fuzzing.md). What is read is given back as the program would print it; nothing else is done with it.

use std::fmt::Debug;

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1 as core;
use serde_json::Value;

use crate::{kubernetes, local, slurm};

fn printed(read: impl Debug) -> String {
    format!("{read:?}")
}

/// What the tools of Slurm print.
pub fn slurm(text: &str) -> Vec<String> {
    let nodes = slurm::read::nodes(text);
    let out: Vec<String> = nodes.iter().flatten().filter_map(slurm::read::NodeLine::out_of_service).collect();
    vec![
        printed(nodes),
        printed(out),
        printed(slurm::read::config(text)),
        printed(slurm::read::partitions(text)),
        printed(slurm::read::jobs(text)),
        printed(slurm::read::accounted(text)),
        printed(slurm::read::samples(text)),
    ]
}

/// An answer of slurmrestd.
pub fn slurmrestd(text: &str) -> Vec<String> {
    serde_json::from_str::<Value>(text).map_or_else(|_| Vec::new(), |value| slurm::rest::told(&value))
}

/// An object of Kubernetes: a node, a pod or a Job.
pub fn kubernetes(text: &str) -> Vec<String> {
    let mut read = vec![printed(kubernetes::read::milli(text))];
    let options = kubernetes::Options { resources: vec!["nvidia.com/gpu".to_owned()], ..kubernetes::Options::default() };
    if let Ok(node) = serde_json::from_str::<core::Node>(text) {
        read.push(printed(kubernetes::read::node(&node, &options)));
    }
    if let Ok(pod) = serde_json::from_str::<core::Pod>(text) {
        let holding = kubernetes::read::holding(&pod);
        read.push(printed(holding.map(|holding| holding.occupied(options.resources.first()))));
        read.push(printed((kubernetes::read::progress(&pod), kubernetes::read::rank(&pod))));
    }
    if let Ok(job) = serde_json::from_str::<Job>(text) {
        read.push(printed(kubernetes::read::job(&job)));
    }
    read
}

/// What an attempt leaves in its folder, where its tenant's programs may write.
pub fn folder(text: &str) -> Vec<String> {
    slurm::records::told(text)
}

/// What a keeper wrote down or says, and what an agent tells it.
pub fn keeper(text: &str) -> Vec<String> {
    text.lines().flat_map(local::told).collect()
}
