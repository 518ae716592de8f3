//! Flags go before environment, environment before `shugu.toml`: the file only sets what the environment leaves open.

use std::path::PathBuf;
use std::process::exit;

use crate::failure::{Failure, Outcome};

/// Keys of `shugu.toml`; each is the flag of that name and `SHUGU_KEY` in the environment.
const KEYS: [&str; 11] =
    ["hub", "token", "token_file", "dir", "listen", "census", "policy", "lost_after", "oidc", "store", "advertise"];

/// Where a hub keeps its data if nobody says.
pub fn default_folder() -> PathBuf {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    data.or_else(home).unwrap_or_else(|| PathBuf::from(".")).join("shugu")
}

/// Reads `shugu.toml` of this folder, else of `~/.config/shugu`, into the environment. Must run before any thread.
pub fn default_environment() {
    let own = std::env::var_os("SHUGU_CONFIG").map(PathBuf::from);
    let config = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config/shugu/shugu.toml"));
    let path = match own {
        Some(path) => Some(path),
        None => [Some(PathBuf::from("shugu.toml")), config].into_iter().flatten().find(|path| path.is_file()),
    };
    let Some(path) = path else { return };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("error: {}: {error}", path.display());
            exit(2)
        }
    };
    let settings = match read(&path.display().to_string(), &text) {
        Ok(settings) => settings,
        Err(failure) => {
            eprintln!("error: {failure}");
            exit(2)
        }
    };
    let said = |name: &str| std::env::var_os(name).is_some();
    for (name, value) in settings {
        // A token and a file of one are two ways to say the same.
        let said_otherwise = name.starts_with("SHUGU_TOKEN") && (said("SHUGU_TOKEN") || said("SHUGU_TOKEN_FILE"));
        if !said(&name) && !said_otherwise {
            set(&name, &value);
        }
    }
}

/// Reads the text of such a file: variables of the environment, and what they are.
///
/// # Errors
/// The first mistake, with file, line and field.
pub fn read(file: &str, text: &str) -> Outcome<Vec<(String, String)>> {
    let line_of = |at: usize| 1 + text[..at.min(text.len())].matches('\n').count();
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map(|span| format!(" line {}", line_of(span.start))).unwrap_or_default();
        Failure::Wrong(format!("{file}{line}: {}", error.message()))
    })?;
    let one = |(key, value): (&String, &toml::Value)| {
        let line = text.lines().position(|line| line.trim_start().starts_with(key.as_str())).map_or(1, |at| at + 1);
        let wrong = |problem: &str| Failure::Wrong(format!("{file} line {line} field {key}: {problem}"));
        if !KEYS.contains(&key.as_str()) {
            return Err(wrong(&format!("is not known; there are {}", KEYS.join(", "))));
        }
        let value = value.as_str().ok_or_else(|| wrong("is not a text"))?;
        Ok((format!("SHUGU_{}", key.to_uppercase()), value.to_owned()))
    };
    table.iter().map(one).collect()
}

#[expect(unsafe_code, reason = "the environment is how clap takes defaults, and nothing else runs yet")]
fn set(name: &str, value: &str) {
    // SAFETY: called at the beginning of main, before any thread is started.
    unsafe { std::env::set_var(name, value) }
}
