//! Tables a person enjoys reading, and quantities in few characters.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use owo_colors::OwoColorize;

/// A table without lines: a header and rows, columns named in `right` flush right.
pub(crate) fn table(header: &[&str], right: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.iter().map(|name| name.to_uppercase()));
    for row in rows {
        table.add_row(row);
    }
    for (at, name) in header.iter().enumerate() {
        if let Some(column) = table.column_mut(at) {
            column.set_padding((0, 2));
            if right.contains(name) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    let mut text = String::new();
    for (at, line) in table.lines().enumerate() {
        let line = line.trim_end();
        text.push_str(&if at == 0 { line.bold().to_string() } else { paint(line) });
        text.push('\n');
    }
    text
}

/// Colours the words of states; colours go only to terminals (`anstream` strips them elsewhere).
fn paint(line: &str) -> String {
    let mut line = line.to_owned();
    let coloured = [
        ("done", "done".green().to_string()),
        ("running", "running".cyan().to_string()),
        ("failed", "failed".red().to_string()),
        ("lost", "lost".red().to_string()),
        ("waiting", "waiting".yellow().to_string()),
        ("unknown", "unknown".dimmed().to_string()),
    ];
    for (word, painted) in coloured {
        if let Some(at) = line.find(&format!(" {word} ")).or_else(|| line.strip_suffix(word).map(|rest| rest.len() - 1)) {
            line.replace_range(at + 1..=at + word.len(), &painted);
        }
    }
    line
}

/// Seconds as a person says them: `350 ms`, `12.3 s`, `4 m 05 s`, `2 h 10 m`.
pub(crate) fn seconds(seconds: f64) -> String {
    match seconds {
        s if s < 1.0 => format!("{:.0} ms", s * 1000.0),
        s if s < 60.0 => format!("{s:.1} s"),
        s if s < 3600.0 => format!("{:.0} m {:02.0} s", (s / 60.0).floor(), (s % 60.0).floor()),
        s if s < 172_800.0 => format!("{:.0} h {:02.0} m", (s / 3600.0).floor(), (s % 3600.0 / 60.0).floor()),
        s => format!("{:.1} d", s / 86_400.0),
    }
}

/// A number with three significant digits, or nothing known.
pub(crate) fn number(value: Option<f64>) -> String {
    let Some(value) = value else { return "unknown".to_owned() };
    let size = value.abs();
    if value == 0.0 {
        "0".to_owned()
    } else if size < 1e-3 {
        format!("{value:.2e}")
    } else if size < 10.0 {
        format!("{value:.3}")
    } else if size < 100.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.0}")
    }
}

/// A dash where there is nothing to say.
pub(crate) fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "–".to_owned())
}
