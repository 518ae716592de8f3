//! The planned census, as a folder like any other.

use std::path::Path;

use census::{File, columns};

use crate::failure::{Failure, Outcome};
use crate::shipped;

/// Writes the census that a scenario builds on, with the plan's rows, to a new folder. Nothing is left where it cannot.
pub(super) fn write(folder: &Path, scenario: &Path, base: Option<&str>, rows: &::plan::Rows) -> Outcome {
    let mut files = files(scenario, base)?;
    for (name, lines) in rows {
        let header = columns(name).unwrap_or_default().join(",");
        if !files.iter().any(|file| file.name == *name) {
            files.push(File { name: (*name).to_owned(), text: format!("{header}\n") });
        }
        let file = files.iter_mut().find(|file| file.name == *name).expect("it was put there");
        if !file.text.ends_with('\n') {
            file.text.push('\n');
        }
        // A folder may order its columns as it likes.
        let theirs: Vec<String> =
            file.text.lines().next().unwrap_or_default().split(',').map(|name| name.trim().to_owned()).collect();
        let ours = columns(name).unwrap_or_default();
        let mut writer = csv::Writer::from_writer(Vec::new());
        for line in lines {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
            let Some(Ok(record)) = reader.records().next() else { continue };
            let cell =
                |column: &String| ours.iter().position(|ours| ours == column).and_then(|at| record.get(at)).unwrap_or_default();
            let written = writer.write_record(theirs.iter().map(cell));
            written.map_err(|problem| Failure::Failed(format!("cannot write {name}: {problem}")))?;
        }
        let bytes = writer.into_inner().map_err(|problem| Failure::Failed(format!("cannot write {name}: {problem}")))?;
        file.text.push_str(&String::from_utf8_lossy(&bytes));
    }
    // What is written is read as any hub would, before anybody sees it.
    census::read(&files).map_err(|wrong| Failure::Failed(format!("the planned census would be wrong: {wrong}")))?;
    let failed = |problem: std::io::Error| Failure::Failed(format!("cannot write {}: {problem}", folder.display()));
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(failed)?;
    let new = tempfile::Builder::new().prefix(".planned-").tempdir_in(parent).map_err(failed)?;
    for file in &files {
        std::fs::write(new.path().join(&file.name), &file.text).map_err(failed)?;
    }
    std::fs::rename(new.keep(), folder).map_err(failed)
}

/// The files of the census that a scenario builds on, by their names in the folder.
fn files(scenario: &Path, base: Option<&str>) -> Outcome<Vec<File>> {
    let Some(base) = base else { return Ok(shipped::nothing_known_files()) };
    let beside = scenario.parent().unwrap_or(Path::new(".")).join(base);
    let folder = if beside.is_dir() { beside } else { Path::new(base).to_owned() };
    if !folder.is_dir() {
        return Ok(shipped::guizhou_files());
    }
    let files = serve::folder_files(&folder, &shipped::accelerators()).map_err(|fault| Failure::Wrong(fault.to_string()))?;
    let name = |file: &File| file.name.rsplit('/').next().unwrap_or_default().to_owned();
    Ok(files.iter().map(|one| File { name: name(one), text: one.text.clone() }).collect())
}
