//! Each format: what is read from it, and what is said of a mistake in it.

mod common;

use std::io::Write;
use std::path::Path;

use common::{mistake, read_as, read_at, without_folder};
use measure::{Cpu, Devices, Memory, Span};
use replay::{Source, Trace};

const PODS: &str =
    "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\n";

/// A job a line: when, how long, who, what and its name.
fn told(trace: &Trace) -> Vec<String> {
    let line = |job: &replay::TraceJob| {
        let ask = &job.shape.asks[0];
        let models = if ask.models.is_empty() { "any".to_owned() } else { ask.models.join(" or ") };
        let limit = job.time_limit.map_or_else(String::new, |limit| format!(" limit {limit}"));
        let (submit, run, tenant, name) = (job.submit, job.run, &job.tenant, &job.name);
        format!(
            "{submit} +{run} {tenant} {name}: {} of {models}, {} cores, {}{limit}",
            ask.devices, job.shape.cpu, job.shape.memory
        )
    };
    trace.jobs.iter().map(line).collect()
}

#[test]
fn a_source_names_its_kind_and_its_path() {
    assert_eq!(Source::parse("swf:some:where.gz").unwrap().to_string(), "swf:some:where.gz");
    for text in ["some.swf", "slurm:some.swf", "swf:", ""] {
        let expected =
            format!("`{text}` does not name a trace: write KIND:PATH, where KIND is openb, philly, swf, journal or gaia");
        assert_eq!(Source::parse(text).unwrap_err().to_string(), expected);
    }
}

#[test]
fn openb_pods() {
    let text = format!(
        "{PODS}b,8000,1024,0,0,T4,BE,Running,100,160,110\n\
         a,4000,15258,1,220,,LS,Running,0,50,0\n\
         c,500,1,1,1000,V100M16|V100M32|V100M32,Burstable,Pending,100,103,\n"
    );
    let trace = read_as("openb", "pods.csv", text.as_bytes(), None).unwrap();
    let expected = [
        "0s +50s ls a: 1 of any, 4 cores, 15258MiB",
        "1m40s +50s be b: 0 of any, 8 cores, 1GiB",
        "1m40s +3s burstable c: 1 of V100M16 or V100M32, 0.5 cores, 1MiB",
    ];
    assert_eq!(told(&trace), expected);
    let notes = [
        "This trace names no tenants: the quality of service of a pod stands in for one.",
        "Pods never scheduled, which run here for the time from their creation to their deletion: 1.",
    ];
    assert_eq!(trace.notes, notes);
}

#[test]
fn mistakes_in_openb_pods() {
    let check = |rows: &str, expected: &str| assert_eq!(mistake("openb", "pods.csv", &format!("{PODS}{rows}")), expected);
    check("a,1,1,1,1000,,LS,Running,0,50", "pods.csv line 2: 10 fields where the header has 11");
    check(
        "a,1,1,1,1000,,LS,Running,0,50,0\nb,many,1,1,1000,,LS,Running,0,50,0",
        "pods.csv line 3 field cpu_milli: `many` is not a whole number from 0 to 4294967295",
    );
    check("a,1,1,1,1000,,LS,Running,0,50,60", "pods.csv line 2 field deletion_time: lies before scheduled_time");
    check(
        "a,1,1,1,1000,,LS,Running,-1,50,0",
        "pods.csv line 2 field creation_time: `-1` is not a number of seconds, from 0 to a hundred years, with at most three decimal places",
    );
    check("a,1,1,2,500,,LS,Running,0,50,0", "pods.csv line 2 field gpu_milli: only a pod of one device may ask for a part of it");
    check("a,1,1,2,1500,,LS,Running,0,50,0", "pods.csv line 2 field gpu_milli: a device has 1000 thousandths");
    check(
        "a,1,1,1,1000,,,Running,0,50,0",
        "pods.csv line 2 field qos: `` is not a name of 1 to 63 lower-case letters, digits, hyphens or dots, such as llm-lab",
    );
    let five = "name,cpu_milli,memory_mib,num_gpu,gpu_milli\na,1,1,1,1000\n";
    assert_eq!(
        mistake("openb", "pods.csv", five),
        "pods.csv line 1: this list has no times and can be used with the packing protocol (openb-fill) only"
    );
    assert_eq!(
        mistake("openb", "pods.csv", "name,cpu\na,1\n"),
        "pods.csv line 1: the header must be name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time, not name,cpu"
    );
}

#[test]
fn openb_nodes() {
    let nodes = |rows: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nodes.csv");
        std::fs::write(&path, format!("sn,cpu_milli,memory_mib,gpu,model\n{rows}")).unwrap();
        replay::cluster::openb_nodes(&path).map_err(|error| without_folder(&error.to_string(), "nodes.csv"))
    };
    let pools = nodes("n-0,32000,262144,0,\nn-1,96000,393216,8,G2\n").unwrap();
    assert_eq!(pools.len(), 1);
    assert_eq!((pools[0].0.name.as_str(), pools[0].0.executor.as_str()), ("openb", "replay"));
    let [plain, wide] = pools[0].1.as_slice() else { panic!("two nodes") };
    assert_eq!((plain.model.as_deref(), plain.devices), (None, Devices(0)));
    assert_eq!((wide.model.as_deref(), wide.devices), (Some("G2"), Devices(8)));
    assert_eq!((wide.cpu, wide.memory), (Cpu::cores(96), Memory::mebibytes(393_216)));
    let wrong = |rows: &str| nodes(rows).unwrap_err();
    assert_eq!(wrong("n,1,1,8,"), "nodes.csv line 2 field model: devices need a model, and a model needs devices");
    assert_eq!(wrong("n,1,1,0,\nn,1,1,0,"), "nodes.csv line 3 field sn: `n` stands in this file twice");
    assert_eq!(wrong("n,1,1,65,X"), "nodes.csv line 2 field gpu: `65` devices; 64 is the most a node may have");
    assert_eq!(wrong(",1,1,8,X"), "nodes.csv line 2 field sn: is empty");
}

#[test]
fn philly_jobs() {
    let text = "job_id,vc,submit_s,gpus,duration_s\n0,0e4a51,5,1,16482\n1,103959,0,16,0.5\n";
    let trace = read_as("philly", "jobs.csv", text.as_bytes(), None).unwrap();
    let expected = ["0s +500ms vc-103959 1: 16 of any, 0 cores, 0B", "5s +4h34m42s vc-0e4a51 0: 1 of any, 0 cores, 0B"];
    assert_eq!(told(&trace), expected);
    let wide = trace.jobs[0].shape_on(Devices(8));
    assert_eq!((wide.replicas, wide.asks[0].devices), (2, Devices(8)));
    assert_eq!(trace.jobs[0].shape_on(Devices(6)), trace.jobs[0].shape);
    let one = read_as("philly", "jobs.csv", text.as_bytes(), Some("103959")).unwrap();
    assert_eq!(told(&one), expected[..1]);
}

#[test]
fn mistakes_in_philly_jobs() {
    let text = "job_id,vc,submit_s,gpus,duration_s\n0,0e4a51,5,1,16482\n1,103959,0,16,0.5\n";
    let none = read_as("philly", "jobs.csv", text.as_bytes(), Some("x")).unwrap_err().to_string();
    assert_eq!(without_folder(&none, "jobs.csv"), "jobs.csv has no virtual cluster `x`; it has 0e4a51, 103959");
    let header = "job_id,vc,submit_s,gpus,duration_s\n";
    let check = |row: &str, expected: &str| assert_eq!(mistake("philly", "jobs.csv", &format!("{header}{row}")), expected);
    check("0,v,0,-1,5", "jobs.csv line 2 field gpus: `-1` is not a whole number from 0 to 4294967295");
    check(
        "0,V C,0,1,5",
        "jobs.csv line 2 field vc: `vc-V C` is not a name of 1 to 63 lower-case letters, digits, hyphens or dots, such as llm-lab",
    );
    check("0,v,0,1", "jobs.csv line 2: 4 fields where the header has 5");
    assert_eq!(
        mistake("philly", "jobs.csv", "vc,job_id,submit_s,gpus,duration_s\n"),
        "jobs.csv line 1: the header must be job_id,vc,submit_s,gpus,duration_s, not vc,job_id,submit_s,gpus,duration_s"
    );
}

#[test]
fn the_standard_workload_format() {
    let text = "; Version: 2.2\n\
                ; MaxNodes: 4 (of eight)\n\
                ;MaxProcs: 32\n\
                \n\
                1 10 5 100 4 -1 -1 8 600 -1 1 7 1 -1 1 -1 -1 -1\n\
                2 0 5 100 4 -1 -1 0 -1 -1 0 -1 1 -1 1 -1 -1 -1\n\
                3 20 -1 -1 4 -1 -1 4 -1 -1 0 7 1 -1 1 -1 -1 -1\n\
                4 20 -1 0 4 -1 -1 4 -1 -1 5 7 1 -1 1 -1 -1 -1\n\
                5 20 -1 9 4 -1 -1 4 -1 -1 3 7 1 -1 1 -1 -1 -1\n\
                6 20 -1 9 -1 -1 -1 0 -1 -1 1 7 1 -1 1 -1 -1 -1\n\
                7 20 -1 9 1 -1 -1 1 -1 -1 5 7 1 -1 1 -1 -1 -1\n";
    let trace = read_as("swf", "log.swf", text.as_bytes(), None).unwrap();
    let expected = [
        "0s +1m40s user-unknown 2: 4 of any, 0 cores, 0B",
        "10s +1m40s user-7 1: 8 of any, 0 cores, 0B limit 10m",
        "20s +9s user-7 7: 1 of any, 0 cores, 0B",
    ];
    assert_eq!(told(&trace), expected);
    let notes = [
        "Jobs left out because they never ran: 2.",
        "Lines left out because they tell of a part of a job: 1.",
        "Jobs left out because their number of processors is unknown: 1.",
    ];
    assert_eq!(trace.notes, notes);
    let nodes = &trace.pools.as_ref().unwrap()[0].1;
    assert_eq!((nodes.len(), nodes[0].devices), (4, Devices(8)));
}

#[test]
fn a_header_whose_machine_cannot_be_made_says_so() {
    let job = "1 0 -1 5 1 -1 -1 1 9 -1 1 1 1 -1 1 -1 -1 -1\n";
    let header = |text: &str| read_as("swf", "log.swf", format!("{text}{job}").as_bytes(), None).unwrap();
    let odd = header("; MaxNodes: 3\n; MaxProcs: 32\n");
    assert_eq!(odd.pools, None);
    assert_eq!(odd.notes, ["The header's machine, 32 processors in 3 nodes, cannot be made of equal nodes; give a cluster."]);
    let loose = header("; MaxProcs: 5\n").pools.unwrap();
    assert_eq!((loose[0].1.len(), loose[0].1[0].devices), (5, Devices(1)));
    assert_eq!(header("").pools, None);
}

#[test]
fn requested_times_that_tell_the_run_times_are_noted() {
    let text = "1 0 -1 5 1 -1 -1 1 5 -1 1 1 1 -1 1 -1 -1 -1\n";
    let trace = read_as("swf", "log.swf", text.as_bytes(), None).unwrap();
    let note = "Every requested time equals the run time, which no scheduler could know: these time limits are left out.";
    assert_eq!(trace.notes, [note]);
    assert_eq!(trace.jobs[0].time_limit, None);
}

#[test]
fn mistakes_in_the_standard_workload_format() {
    let check = |text: &str, expected: &str| assert_eq!(mistake("swf", "log.swf", text), expected);
    check("; a\n1 0 -1 5 1\n", "log.swf line 2: 5 fields where the format has 18");
    check(
        "1 0 -1 5 1 -1 -1 x 5 -1 1 1 1 -1 1 -1 -1 -1\n",
        "log.swf line 1 field 8 (requested processors): `x` is not a whole number, or -1 for unknown",
    );
    check(
        "1 0 -1 soon 1 -1 -1 1 5 -1 1 1 1 -1 1 -1 -1 -1\n",
        "log.swf line 1 field 4 (run time): `soon` is not a number of seconds, from 0 to a hundred years, with at most three decimal places, nor -1 for unknown",
    );
    check("1 -1 -1 5 1 -1 -1 1 5 -1 1 1 1 -1 1 -1 -1 -1\n", "log.swf line 1 field 2 (submit time): is unknown");
    check("; MaxProcs: lots\n", "log.swf line 1 field MaxProcs: `lots` is not a whole number, or -1 for unknown");
}

#[test]
fn compressed_files_are_read_by_content_and_by_name() {
    let text = "job_id,vc,submit_s,gpus,duration_s\n0,v,5,1,7\n";
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    for file in ["jobs.csv.gz", "jobs.csv"] {
        assert_eq!(read_as("philly", file, &packed, None).unwrap().jobs[0].run, Span::seconds(7));
    }
    let message = read_as("philly", "jobs.gz", text.as_bytes(), None).unwrap_err().to_string();
    assert_eq!(without_folder(&message, "jobs.gz"), "cannot read jobs.gz: invalid gzip header");
    let message = read_as("philly", "jobs.csv", &packed[..20], None).unwrap_err().to_string();
    assert!(without_folder(&message, "jobs.csv").starts_with("cannot read jobs.csv: "), "{message}");
    let message = read_as("philly", "jobs.csv", b"job_id\nb\xffd\n", None).unwrap_err().to_string();
    assert_eq!(without_folder(&message, "jobs.csv"), "jobs.csv line 2: is not UTF-8");
}

#[test]
fn what_is_not_there_and_what_cannot_be_chosen() {
    let message = read_at("swf", Path::new("/nowhere/log.swf"), None).unwrap_err().to_string();
    assert_eq!(message, "cannot read /nowhere/log.swf: No such file or directory (os error 2)");
    let message = read_at("swf", Path::new("/nowhere/log.swf"), Some("v")).unwrap_err().to_string();
    assert_eq!(message, "a virtual cluster can be chosen in a philly trace only");
    for text in ["128", "0x8", "8x0", "1x65", "2000000x1", "axb", "-1x8"] {
        let expected =
            format!("`{text}` is not a cluster: write NODESxDEVICES, such as 128x8, with 1 to 1000000 nodes of 1 to 64 devices");
        assert_eq!(replay::cluster::parse(text).unwrap_err().to_string(), expected);
    }
    let message = replay::cluster::declared(&census::Census::default()).unwrap_err().to_string();
    assert_eq!(message, "the census declares no pool, so a replay has no nodes: add rows to its pools.csv, or give a cluster");
}
