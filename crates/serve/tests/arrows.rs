//! Dependencies between the crates point one way, along the arrows of ARCHITECTURE.md.

use std::path::Path;

/// Each crate and the crates of ours it may name.
const ARROWS: [(&str, &[&str]); 11] = [
    ("measure", &[]),
    ("forecast", &[]),
    ("census", &["measure"]),
    ("dispatch", &["measure", "census"]),
    ("settle", &["measure", "census", "dispatch"]),
    ("replay", &["measure", "forecast", "census", "dispatch", "settle"]),
    ("plan", &["measure", "census"]),
    ("execute", &["measure", "dispatch"]),
    ("serve", &["measure", "forecast", "census", "dispatch", "settle", "replay", "execute"]),
    ("simulate", &["measure", "census", "dispatch", "settle", "execute", "serve"]),
    ("shugu", &["measure", "forecast", "census", "dispatch", "settle", "replay", "plan", "execute", "serve", "simulate"]),
];

#[test]
fn arrows_point_one_way() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found: Vec<String> =
        std::fs::read_dir(&crates).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    found.sort();
    let mut known: Vec<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    known.sort_unstable();
    assert_eq!(found, known, "every crate has its place among the arrows");
    for (name, allowed) in ARROWS {
        let manifest = std::fs::read_to_string(crates.join(name).join("Cargo.toml")).unwrap();
        let normal = manifest.split("[dev-dependencies]").next().unwrap();
        for (other, _) in ARROWS.iter().filter(|(other, _)| *other != name) {
            let named =
                normal.lines().any(|line| line.starts_with(&format!("{other}.")) || line.starts_with(&format!("{other} =")));
            assert!(!named || allowed.contains(other), "{name} names {other}: not an arrow of ARCHITECTURE.md");
        }
    }
}

#[test]
fn the_pure_crates_ban_clocks_and_hash_order() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for name in ["measure", "forecast", "census", "dispatch", "settle", "replay", "plan"] {
        let rules = std::fs::read_to_string(crates.join(name).join("clippy.toml")).unwrap();
        for banned in ["std::time::Instant::now", "std::time::SystemTime::now", "std::collections::HashMap"] {
            assert!(rules.contains(banned), "{name} does not ban {banned}");
        }
    }
}
