//! The figures that a replay prints.

mod common;

use census::{Census, File};
use common::{cluster, jobs, outcome, policy};
use measure::Span;
use replay::{Options, Outcome, Report, Summary};

/// A hub with one declared pool of two nodes of four devices, and prices in 2026.
fn census(tariffs: &str, tdp: &str) -> Census {
    let file = |name: &str, text: String| File { name: name.to_owned(), text };
    let accelerators = "vendor,model,kind,year,memory_gb,mem_bw_gbs,tdp_w,fp64,fp64_tensor,fp32,tf32,fp16_bf16_dense,fp8_dense,fp4_dense,int8_tops_dense,interconnect,interconnect_gbs,confidence,fields_recalled_not_found,source,notes";
    let sites = "id,name,name_zh,kind,provider,prefecture,zone,latitude,longitude,coordinates_quality,status,status_date,racks,racks_planned,servers,servers_planned,computing_power_pflops,computing_power_planned_pflops,class,precision,sparsity,pue,area,source,note";
    let unknown = "unknown,".repeat(8);
    let files = [
        file("hub.toml", "name = \"Test\"\nregion = \"here\"\ncurrency = \"CNY\"\nutc_offset_hours = 8\nfee_permille = 0\n".to_owned()),
        file("accelerators.csv", format!("{accelerators}\nMaker,Chip,accelerator,2024,64,,{tdp},,,,,,,,,,,A,,a test,\n")),
        file("providers.csv", "id,name,name_zh,kind,provides,source,note\nowner,Owner,unknown,named,computing,a test,\n".to_owned()),
        file("sites.csv", format!("{sites}\nplace,Place,unknown,named,owner,here,here,unknown,unknown,unknown,operating,2026,{}unstated,1.2,unknown,a test,\n", unknown)),
        file("pools.csv", "id,site,provider,accelerator,nodes,devices_per_node,cpus_per_node,memory_gib_per_node,evidence,as_of,source,note\npool-a,place,owner,Chip,2,4,64,512,declared,2026-01-01,a test,\n".to_owned()),
        file("tariffs.csv", format!("id,kind,scope,valid_from,valid_to,hours,price,unit,grade,source,note\n{tariffs}")),
    ];
    census::read(&files).expect("the test's census makes sense")
}

const PRICES: &str = "compute-a,compute,*,2026-01-01,,,2.5,yuan/device-hour,sample,a test,\n\
                      carbon-a,carbon,here,2026-01-01,,,0.5,kg/kWh,A,a test,\n";

fn replayed(census: &Census) -> Outcome {
    let pools = replay::cluster::declared(census).expect("the census declares a pool");
    let trace = jobs(
        "0 1800 8
         900 1800 4",
    );
    outcome(&trace, &pools, policy("default"), census, Options::START)
}

/// The report as JSON, without what this machine was busy with.
fn printed(outcome: &Outcome) -> String {
    let text = serde_json::to_string(&Report::new(outcome, "swf:jobs.swf", "default")).expect("a report is JSON");
    let (before, rest) = text.split_once("\"engine\":{").expect("the engine has figures");
    let (engine, after) = rest.split_once("},").expect("they end");
    let names: Vec<&str> = engine.split(',').filter_map(|field| field.split(':').next()).collect();
    assert_eq!(names, ["\"placements\"", "\"rounds\"", "\"wall_s\"", "\"placements_per_s\"", "\"peak_rss_mb\""]);
    let (_, after) = after.split_once("\",").expect("a hash follows");
    format!("{before}{after}")
}

#[test]
fn every_figure_of_a_small_replay() {
    // Eight devices as two replicas of four, then four: 12 devices × 310 W × 0.5 h × PUE 1.2 = 2.232 kWh.
    let expected = r#"{"trace":"swf:jobs.swf","policy":"default","start":"2026-01-01T00:00:00Z","#.to_owned()
        + r#""jobs":{"submitted":2,"finished":2,"refused":0,"unplaced":0},"#
        + r#""wait_s":{"mean":450.0,"p50":0.0,"p95":900.0,"p99":900.0,"max":900.0},"#
        + r#""jct_s":{"mean":2250.0,"p50":1800.0,"p95":2700.0,"p99":2700.0,"max":2700.0},"#
        + r#""makespan_s":3600.0,"fairness_jain":0.9615,"yielded":0,"#
        + r#""devices":{"total":8,"allocated_share_mean":0.75,"allocated_share_end":1.0},"#
        + r#""energy_kwh":2.232,"carbon_kg":1.116,"cost_yuan":15,"#
        + r#""notes":["Jobs wider than a node, which run as replicas of 4 devices each: 1.","#
        + r#""Energy is devices × thermal design power × run: no host, and no idle device, is in it."]}"#;
    assert_eq!(printed(&replayed(&census(PRICES, "310"))), expected);
}

#[test]
fn money_is_an_exact_decimal() {
    let prices = "compute-a,compute,*,2026-01-01,,,0.1,yuan/device-hour,sample,a test,\n";
    let census = census(prices, "310");
    let pools = replay::cluster::declared(&census).unwrap();
    let outcome = outcome(&jobs("0 1 1\n0 7 1"), &pools, policy("default"), &census, Options::START);
    let text = printed(&outcome);
    // A tenth of a yuan for a second is 27.8 millionths, for seven 194.4: each is rounded once, to 28 and 194.
    assert!(text.contains(r#""cost_yuan":0.000222,"#), "{text}");
}

#[test]
fn what_nobody_knows_is_null() {
    let unknown_power = printed(&replayed(&census(PRICES, "")));
    assert!(unknown_power.contains(r#""energy_kwh":null,"carbon_kg":null,"cost_yuan":15,"#), "{unknown_power}");
    let no_prices = printed(&replayed(&census("", "310")));
    assert!(no_prices.contains(r#""energy_kwh":2.232,"carbon_kg":null,"cost_yuan":null,"#), "{no_prices}");
    let nothing = outcome(&jobs(""), &cluster("1x8"), policy("default"), &Census::default(), Options::START);
    let nothing = printed(&nothing);
    assert!(nothing.contains(r#""wait_s":{"mean":null,"p50":null,"p95":null,"p99":null,"max":null}"#), "{nothing}");
    assert!(
        nothing
            .contains(r#""makespan_s":null,"fairness_jain":null,"yielded":0,"devices":{"total":8,"allocated_share_mean":null,"#),
        "{nothing}"
    );
}

#[test]
fn where_there_are_no_accelerators_a_device_is_a_core() {
    let mut pools = cluster("2x4");
    for node in &mut pools[0].1 {
        (node.model, node.devices, node.cpu) = (None, measure::Devices(0), measure::Cpu::cores(4));
    }
    let outcome = outcome(&jobs("0 100 8\n0 100 4"), &pools, policy("default"), &Census::default(), Options::START);
    let text = printed(&outcome);
    assert!(text.contains(r#""devices":{"total":8,"allocated_share_mean":0.75,"allocated_share_end":1.0}"#), "{text}");
    assert!(text.ends_with(r#""There are no accelerators here: a device is a core."]}"#), "{text}");
}

#[test]
fn percentiles_are_times_that_jobs_had() {
    let times: Vec<Span> = (1..=200).rev().map(Span::seconds).collect();
    let summary = Summary::of(&times);
    assert_eq!((summary.mean, summary.p50), (Some(100.5), Some(100.0)));
    assert_eq!((summary.p95, summary.p99, summary.max), (Some(190.0), Some(198.0), Some(200.0)));
    let one = Summary::of(&[Span::seconds(7)]);
    assert_eq!((one.p50, one.p95, one.p99, one.max), (Some(7.0), Some(7.0), Some(7.0), Some(7.0)));
}

#[test]
fn a_cluster_that_no_hub_takes_is_refused() {
    let mut pools = cluster("1x8");
    pools[0].1[0].devices = measure::Devices(65);
    let refusal = replay::run(&jobs("0 1 1"), &pools, &Census::default(), &policy("default"), Options::default()).unwrap_err();
    assert_eq!(refusal.to_string(), "node node-0 has 65 devices; 64 is the most a node may have");
}
