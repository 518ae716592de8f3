//! Census folders: what is read leads to the same census by its changes, and everything that is counted of it can be.

use census::{By, Census, Change, File};
use measure::Time;

/// Reads files out of one text: `-- NAME --` begins each.
pub fn files(text: &str) -> Vec<File> {
    let mut files: Vec<File> = Vec::new();
    for line in text.split_inclusive('\n') {
        let name = line.trim_end().strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --"));
        match (name, files.last_mut()) {
            (Some(name), _) => files.push(File { name: name.to_owned(), text: String::new() }),
            (None, Some(file)) => file.text.push_str(line),
            (None, None) => {}
        }
    }
    files
}

/// A folder, whole.
pub fn hold(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let files = files(&text);
    let census = match census::read(&files) {
        Ok(census) => census,
        Err(wrong) => {
            super::told(&wrong.to_string(), &wrong.file, &text);
            let known = |file: &File| file.name == wrong.file;
            assert!(wrong.file == "hub.toml" || files.iter().any(known), "there is no such file: {wrong}");
            if let (Some(line), Some(file)) = (wrong.line, files.iter().find(|file| known(file))) {
                let lines = file.text.lines().count().max(1) as u64;
                assert!((1..=lines + 1).contains(&line), "there is no such line, of {lines}: {wrong}");
            }
            return;
        }
    };
    let mut folded = Census::default();
    for change in Census::default().changes_to(&census) {
        let written = serde_json::to_string(&change).expect("a change is written");
        let read: Change = serde_json::from_str(&written).unwrap_or_else(|problem| panic!("{problem}: {written}"));
        assert_eq!(read, change);
        folded.apply(&change);
    }
    assert_eq!(folded, census, "a census is not what its changes lead to");
    assert_eq!(census.changes_to(&folded), Vec::new());
    counts(&census);
}

/// Whatever it says can be counted and reported, at any time.
fn counts(census: &Census) {
    for at in [Time(0), Time(1_767_225_600_000), Time(4_102_444_800_000)] {
        for by in [None, Some(By::Site), Some(By::Provider)] {
            census::count(census, &[], at, by);
        }
        census::report(census, &[], at);
        census::contradictions(census, at);
        for (id, pool) in &census.pools {
            census.rate((id, &pool.provider), pool.accelerator.as_deref(), at);
            census.agreement((id, &pool.provider), pool.accelerator.as_deref(), "llm-lab", at);
        }
        for (id, site) in &census.sites {
            census.pue(id, at);
            census.electricity(Some(id), at);
            census.carbon(Some(id), at);
            census.stage(site, at);
        }
    }
}
