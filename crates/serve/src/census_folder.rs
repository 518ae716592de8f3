//! Reads a census folder from disk.

use std::io;
use std::path::{Path, PathBuf};

use census::{Census, File, Wrong};

/// A census folder cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum CensusFault {
    /// The folder or a file in it cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A file says something wrong.
    #[error(transparent)]
    Wrong(#[from] Wrong),
}

/// Reads the census folder at `folder`. `accelerators.csv` is taken from the folder above where the folder has none,
/// and from `accelerators` where neither has.
///
/// # Errors
/// Names the file, line and field.
pub fn read_folder(folder: &Path, accelerators: &File) -> Result<Census, CensusFault> {
    Ok(census::read(&folder_files(folder, accelerators)?)?)
}

/// The files of a census folder, as they are, called by their paths.
///
/// # Errors
/// Where one cannot be read.
pub fn folder_files(folder: &Path, accelerators: &File) -> Result<Vec<File>, CensusFault> {
    let mut files = Vec::new();
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| CensusFault::Unreadable { path, source }
    };
    std::fs::read_dir(folder).map_err(unreadable(folder))?;
    for name in census::FILES {
        let mut path = folder.join(name);
        if name == "accelerators.csv" && !path.exists() {
            path = folder.join("..").join(name);
            if !path.exists() {
                files.push(accelerators.clone());
                continue;
            }
        }
        match std::fs::read_to_string(&path) {
            Ok(text) => files.push(File { name: path.display().to_string(), text }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(unreadable(&path)(error)),
        }
    }
    Ok(files)
}
