//! What a replica knows of itself and its peers: its environment.

use std::collections::BTreeMap;
use std::path::Path;

use crate::wire::{WantedJob, WantedReplica};

/// The environment of each replica of a job beyond the site's own, by rank; `folder` is the attempt's own, `peers` is where
/// the replicas reach each other, by rank.
pub(crate) fn environments(job: &WantedJob, folder: &Path, peers: &[String]) -> Vec<BTreeMap<String, String>> {
    let world = job.replicas.len();
    let environment = |(rank, replica): (usize, &WantedReplica)| {
        let devices = replica.devices.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let local_rank = job.replicas[..rank].iter().filter(|earlier| earlier.node == replica.node).count();
        // The tenant's own first: it may not say that it is another job.
        let mut env = job.command.env.clone();
        if let Some(task) = &job.array {
            env.extend([
                ("SHUGU_ARRAY".to_owned(), task.first.to_string()),
                ("SHUGU_ARRAY_INDEX".to_owned(), task.index.to_string()),
                ("SHUGU_ARRAY_COUNT".to_owned(), task.count.to_string()),
            ]);
        }
        env.extend([
            ("SHUGU_JOB_ID".to_owned(), job.job.to_string()),
            ("SHUGU_ATTEMPT".to_owned(), job.attempt.to_string()),
            ("SHUGU_JOB_NAME".to_owned(), job.name.clone()),
            ("SHUGU_TENANT".to_owned(), job.tenant.clone()),
            ("SHUGU_FOLDER".to_owned(), folder.display().to_string()),
            ("SHUGU_REPLICA".to_owned(), rank.to_string()),
            ("SHUGU_REPLICAS".to_owned(), world.to_string()),
            ("SHUGU_PEERS".to_owned(), peers.join(",")),
            ("SHUGU_DEVICES".to_owned(), devices.clone()),
            ("RANK".to_owned(), rank.to_string()),
            ("LOCAL_RANK".to_owned(), local_rank.to_string()),
            ("WORLD_SIZE".to_owned(), world.to_string()),
            ("MASTER_ADDR".to_owned(), peers[0].clone()),
            // A port of the job's own, so that two gangs on one machine do not meet.
            ("MASTER_PORT".to_owned(), (20_000 + job.job.0 % 10_000).to_string()),
        ]);
        if !replica.devices.is_empty() {
            for name in ["CUDA_VISIBLE_DEVICES", "ASCEND_RT_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"] {
                env.insert(name.to_owned(), devices.clone());
            }
        }
        env
    };
    job.replicas.iter().enumerate().map(environment).collect()
}
