//! Readings from a real Prometheus, which reads them from a meter that this test plays.

mod common;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::{Hub, free_port};
use serde_json::{Value, json};

/// Stops with the test.
struct Prometheus(Child);

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A meter that tells the power and the PUE of two sites, as long as the test runs.
fn meter() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4096]);
            let body = "site_power_kw{site=\"east\",hall=\"1\"} 1200.5\nsite_power_kw{site=\"east\",hall=\"2\"} 799.5\nsite_pue{site=\"east\"} 1.18\nsite_pue{site=\"west\"} 0.9\n";
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/plain; version=0.0.4\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    port
}

fn prometheus(folder: &Path, meter: u16) -> (Prometheus, String) {
    let config = folder.join("prometheus.yml");
    let text = format!(
        "global:\n  scrape_interval: 1s\nscrape_configs:\n  - job_name: meter\n    static_configs:\n      - targets: ['127.0.0.1:{meter}']\n"
    );
    std::fs::write(&config, text).unwrap();
    let address = format!("127.0.0.1:{}", free_port());
    let child = Command::new("prometheus")
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--storage.tsdb.path={}", folder.join("tsdb").display()))
        .arg(format!("--web.listen-address={address}"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("prometheus is installed");
    (Prometheus(child), format!("http://{address}"))
}

#[test]
#[ignore = "needs Prometheus"]
fn what_prometheus_reads_of_a_site_reaches_the_hub_once() {
    let folder = tempfile::tempdir().unwrap();
    let census = folder.path().join("census");
    std::fs::create_dir(&census).unwrap();
    let settings = "name = \"Sample hub\"\nregion = \"guizhou\"\ncurrency = \"CNY\"\nutc_offset_hours = 8\nfee_permille = 0\n";
    std::fs::write(census.join("hub.toml"), settings).unwrap();
    let header = "id,name,name_zh,kind,provider,prefecture,zone,latitude,longitude,coordinates_quality,status,status_date,racks,racks_planned,\
         servers,servers_planned,computing_power_pflops,computing_power_planned_pflops,class,precision,sparsity,pue,area,source,note\n";
    let site = |id: &str| format!("{id},{id},unknown,named,unknown,Sample,Sample,,,,operating,2025,,,,,,,,,,1.3,,a test,\n");
    std::fs::write(census.join("sites.csv"), format!("{header}{}{}", site("east"), site("west"))).unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &["--no-local", "--census", census.to_str().unwrap()]);
    let (_running, url) = prometheus(folder.path(), meter());
    let sources = folder.path().join("sources.toml");
    let source = |kind: &str, site: &str, query: &str| {
        format!(
            "[[signal]]\nkind = \"{kind}\"\nscope = \"site:{site}\"\nprometheus = \"{url}\"\nquery = '{query}'\nevery = \"1s\"\n"
        )
    };
    std::fs::write(
        &sources,
        source("power", "east", "sum(site_power_kw{site=\"east\"})") + &source("pue", "east", "site_pue{site=\"east\"}"),
    )
    .unwrap();
    let follow = || hub.say(&["signal", "follow", "--once", sources.to_str().unwrap()]);
    let begun = Instant::now();
    while follow().code != 0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "{}", follow().err);
        std::thread::sleep(Duration::from_millis(500));
    }
    let list = hub.json(&["signal", "list"]);
    let values = |kind: &str| -> Vec<f64> {
        let all = list["signals"].as_array().unwrap();
        let one = all.iter().find(|one| one["kind"] == kind).unwrap_or_else(|| panic!("{list}"));
        one["readings"].as_array().unwrap().iter().map(|reading| reading[1].as_f64().unwrap()).collect()
    };
    assert!(!values("power").is_empty() && values("power").iter().all(|value| *value == 2000.0), "{list}");
    assert!(values("pue").iter().all(|value| *value == 1.18), "{list}");
    let drawn = hub.json(&["energy", "east"]);
    assert_eq!((&drawn["peak_kw"], &drawn["energy_cost_yuan"]), (&json!(2000.0), &Value::Null), "no price is known: {drawn}");
    // The same steps asked for again are known already: nothing counts twice.
    let before = hub.json(&["signal", "list", "--kind", "pue"])["signals"][0]["readings"].as_array().unwrap().len();
    assert_eq!(follow().code, 0);
    let instants: Vec<Value> =
        hub.json(&["signal", "list", "--kind", "pue"])["signals"][0]["readings"].as_array().unwrap().clone();
    assert!(instants.len() >= before);
    let distinct: std::collections::BTreeSet<String> = instants.iter().map(|reading| reading[0].to_string()).collect();
    assert_eq!(distinct.len(), instants.len());
    // A hub that is told its sources follows them itself.
    let own = folder.path().join("own.toml");
    std::fs::write(&own, source("power", "west", "sum(site_power_kw)")).unwrap();
    let data = hub.folder.clone();
    drop(hub);
    let hub = Hub::start(&data, &["--no-local", "--signals", own.to_str().unwrap()]);
    let begun = Instant::now();
    while hub.json(&["signal", "list", "--scope", "site:west"])["signals"].as_array().unwrap().is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(30), "nothing is followed");
        std::thread::sleep(Duration::from_millis(200));
    }
    let follow = || hub.say(&["signal", "follow", "--once", sources.to_str().unwrap()]);
    // What cannot be is refused, a query of several series too, and a Prometheus that is away is told.
    std::fs::write(&sources, source("pue", "west", "site_pue{site=\"west\"}")).unwrap();
    assert!(follow().err.contains("a PUE below 1, which no facility can reach"), "{}", follow().err);
    std::fs::write(&sources, source("power", "east", "site_power_kw")).unwrap();
    assert!(follow().err.contains("gives 2 series; one is needed, such as sum(site_power_kw)"), "{}", follow().err);
    std::fs::write(&sources, source("power", "east", "up").replace(&url, "http://127.0.0.1:1")).unwrap();
    assert_eq!(follow().code, 1);
    std::fs::write(&sources, "[[signal]]\nkind = \"power\"\nscope = \"site:east\"\n").unwrap();
    let said = follow();
    assert_eq!((said.code, said.err.contains("signal 1: says either prometheus and query, or csv")), (2, true), "{}", said.err);
    let audit: Value = serde_json::from_str(&common::run(&["check", hub.folder.to_str().unwrap(), "--json"]).out).unwrap();
    assert_eq!(audit["violations"], json!([]));
}
