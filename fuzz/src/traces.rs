//! Traces, lists of nodes and of virtual clusters.

use dispatch::Node;
use measure::{Devices, Span};
use replay::{Trace, cluster};

const FILE: &str = "trace.csv";
/// A hundred years.
const LONGEST: Span = Span::seconds(100 * 366 * 86_400);

/// The text as each format.
pub fn hold(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let openb = Trace::of_openb(FILE, &text).map_err(|wrong| wrong.to_string());
    let swf = Trace::of_swf(FILE, &text).map_err(|wrong| wrong.to_string());
    let philly = Trace::of_philly(FILE, &text, None).map_err(|problem| problem.to_string());
    for read in [openb, swf, philly] {
        match read {
            Ok(trace) => holds_of(&trace, &text),
            Err(problem) => super::told(&problem, FILE, &text),
        }
    }
    // Of many clusters each may be as large as one may be; a table of a few is enough here.
    if text.lines().count() < 4
        && let Err(problem) = cluster::virtual_clusters_of(FILE, &text)
    {
        assert!(problem.to_string().len() < 4000 + text.len(), "{problem}");
    }
    match cluster::openb_nodes_of(FILE, &text) {
        Ok(pools) => assert!(pools.iter().flat_map(|(_, nodes)| nodes).all(|node| node.devices.0 <= Node::DEVICES_MAX)),
        Err(problem) => super::told(&problem.to_string(), FILE, &text),
    }
    if let Ok(pools) = cluster::parse(&text) {
        assert!(pools.iter().map(|(_, nodes)| nodes.len()).sum::<usize>() <= 1_000_000);
    }
}

fn holds_of(trace: &Trace, text: &str) {
    assert!(trace.jobs.len() <= text.lines().count(), "more jobs than lines");
    assert!(trace.jobs.is_sorted_by_key(|job| job.submit), "jobs out of order");
    for job in &trace.jobs {
        assert!((Span::ZERO..=LONGEST).contains(&job.submit) && (Span::ZERO..=LONGEST).contains(&job.run), "{job:?}");
        for node in [0, 1, 8, 64] {
            let shape = job.shape_on(Devices(node));
            let all = |shape: &dispatch::Shape| {
                let devices = shape.asks.iter().map(|ask| u64::from(ask.devices.0)).sum::<u64>();
                devices * u64::from(shape.replicas)
            };
            assert_eq!(all(&shape), all(&job.shape), "a job is not what it was, cut to nodes of {node}");
        }
    }
}
