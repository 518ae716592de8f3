//! The facts that ship with the program, as they lie in `data/`.

use std::path::Path;

use census::{Census, File};

use crate::failure::{Failure, Outcome};

fn file(name: &str, text: &str) -> File {
    File { name: name.to_owned(), text: text.to_owned() }
}

/// `data/accelerators.csv`.
pub fn accelerators() -> File {
    file("accelerators.csv", include_str!("../../../data/accelerators.csv"))
}

/// The files of the Guizhou hub.
pub fn guizhou_files() -> Vec<File> {
    vec![
        file("hub.toml", include_str!("../../../data/guizhou/hub.toml")),
        file("providers.csv", include_str!("../../../data/guizhou/providers.csv")),
        file("sites.csv", include_str!("../../../data/guizhou/sites.csv")),
        file("pools.csv", include_str!("../../../data/guizhou/pools.csv")),
        file("stages.csv", include_str!("../../../data/guizhou/stages.csv")),
        file("projects.csv", include_str!("../../../data/guizhou/projects.csv")),
        file("effectiveness.csv", include_str!("../../../data/guizhou/effectiveness.csv")),
        file("scopes.csv", include_str!("../../../data/guizhou/scopes.csv")),
        file("claims.csv", include_str!("../../../data/guizhou/claims.csv")),
        file("tariffs.csv", include_str!("../../../data/guizhou/tariffs.csv")),
        file("targets.csv", include_str!("../../../data/guizhou/targets.csv")),
        file("published.csv", include_str!("../../../data/guizhou/published.csv")),
        accelerators(),
    ]
}

/// Scenarios for plans, to begin with.
pub fn scenarios() -> Vec<(String, String)> {
    let shipped = [
        ("plan-2026", include_str!("../../../data/guizhou/plan-2026.toml")),
        ("route-ascend-910b", include_str!("../../../data/guizhou/route-ascend-910b.toml")),
        ("route-cloudmatrix384", include_str!("../../../data/guizhou/route-cloudmatrix384.toml")),
        ("route-ratio-2025", include_str!("../../../data/guizhou/route-ratio-2025.toml")),
    ];
    shipped.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec()
}

/// The Guizhou hub.
pub fn guizhou() -> Census {
    census::read(&guizhou_files()).expect("what ships was tested")
}

/// The Guizhou hub with sample prices for computing, which nobody has published.
pub fn guizhou_with_sample_prices() -> Census {
    let mut census = guizhou();
    let sample = [
        file("hub.toml", include_str!("../../../data/default/hub.toml")),
        file("tariffs.csv", include_str!("../../../data/sample/tariffs.csv")),
    ];
    let sample = census::read(&sample).expect("what ships was tested");
    census.tariffs.extend(sample.tariffs);
    census
}

/// The census of a hub that was given none.
pub fn nothing_known() -> Census {
    census::read(&nothing_known_files()).expect("what ships was tested")
}

/// Its files.
pub fn nothing_known_files() -> Vec<File> {
    vec![file("hub.toml", include_str!("../../../data/default/hub.toml")), accelerators()]
}

/// A census folder; `guizhou` is the shipped one unless there is such a folder.
///
/// # Errors
/// The first mistake in it, or that it cannot be read.
pub fn census_at(path: &Path) -> Outcome<Census> {
    if path == Path::new("guizhou") && !path.exists() {
        return Ok(guizhou());
    }
    serve::read_folder(path, &accelerators()).map_err(|fault| Failure::Wrong(fault.to_string()))
}
