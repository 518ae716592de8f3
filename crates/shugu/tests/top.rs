//! The hub as it goes on, in a terminal: a real hub, a real terminal.

mod common;

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use common::{Hub, run};

/// A hub whose pool is full: `first` runs, `second` waits.
fn busy(folder: &std::path::Path) -> (Hub, String) {
    let hub = Hub::start(&folder.join("hub"), &[]).with_pool();
    let cores = hub.json(&["pools"])["pools"][0]["cores"].as_f64().unwrap();
    let wish = format!("{cores}");
    let first = hub.submit(&["--name", "first", "--cpus", &wish, "--", "sleep", "600"]);
    hub.job_when(&first, |job| job["state"] == "running");
    let second = hub.submit(&["--name", "second", "--cpus", &wish, "--", "true"]);
    (hub, second)
}

#[test]
fn once_it_is_text_with_jobs_pools_and_tenants() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, _) = busy(folder.path());
    let said = hub.say(&["top", "--once", "--width", "100"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let line = |word: &str| said.out.lines().find(|line| line.contains(word)).unwrap_or_else(|| panic!("{word}: {}", said.out));
    assert!(line("1 waiting").contains("1 running"));
    assert!(line("first").contains("running") && line("second").contains("waiting"));
    assert!(line("CORES HELD").starts_with("POOL") && line("in touch").contains("██████████"), "{}", said.out);
    assert!(line("GUARANTEED").starts_with("TENANT"));
    // Into a pipe there is nothing to watch.
    let said = hub.say(&["top"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("--once shows it as text"), "{}", said.err);
}

#[test]
fn in_a_terminal_keys_turn_pages_and_ask_why() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, second) = busy(folder.path());
    let log = folder.path().join("screen");
    // `script` gives it a terminal, as SSH does.
    let shugu = env!("CARGO_BIN_EXE_shugu");
    let line = format!("stty rows 24 cols 100; {shugu} top --every 0.2 --dir {}", folder.path().join("hub").display());
    let mut terminal = Command::new("script")
        .args(["-qfec", &line])
        .arg(&log)
        .env("TERM", "xterm")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut keys = terminal.stdin.take().unwrap();
    // What a person sees: the sequences that were written, as a terminal shows them.
    let screen = || {
        let mut terminal = vt100::Parser::new(24.try_into().unwrap(), 100.try_into().unwrap(), 0);
        terminal.process(&std::fs::read(&log).unwrap_or_default());
        terminal.screen().contents()
    };
    let shown = |word: &str| {
        for _ in 0..200 {
            if screen().contains(word) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("{word} is not shown:\n{}", screen());
    };
    let mut press = |key: &str| keys.write_all(key.as_bytes()).and_then(|()| keys.flush()).unwrap();
    shown("second");
    press("j");
    press("w");
    shown(&format!("why {second}"));
    press(" ");
    press("2");
    shown("CORES HELD");
    press("3");
    shown("GUARANTEED");
    press("q");
    assert!(terminal.wait().unwrap().success());
    drop(hub);
}

#[test]
fn manual_pages_are_written_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let said = run(&["man", folder.path().to_str().unwrap()]);
    assert_eq!(said.code, 0, "{}", said.err);
    let page = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(page("shugu.1").contains("computing power") && page("shugu-submit.1").contains("time\\-limit"));
}
