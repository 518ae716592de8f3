//! Policies by name, or from a file.

use dispatch::Policy;

use crate::failure::{Failure, Outcome};

/// A policy by its name, or read from a TOML file.
///
/// # Errors
/// Where there is none of that name, or the file holds a mistake.
pub fn policy(name: &str) -> Outcome<Policy> {
    if let Some(policy) = Policy::named(name) {
        return Ok(policy);
    }
    let known = || format!("there are {}, and files that end in .toml", Policy::NAMES.join(", "));
    if !name.ends_with(".toml") {
        return Err(Failure::Wrong(format!("--policy {name}: {}", known())));
    }
    let text =
        std::fs::read_to_string(name).map_err(|problem| Failure::Wrong(format!("--policy {name}: {problem}; {}", known())))?;
    read(name, &text)
}

/// Reads the text of a policy file: `base` names the policy that it changes, `default` if it names none.
///
/// # Errors
/// The first mistake, with file, line and field.
pub fn read(name: &str, text: &str) -> Outcome<Policy> {
    let wrong = |line: Option<usize>, problem: String| {
        let field =
            line.and_then(|at| text.lines().nth(at)?.split_once('=')).map(|(field, _)| format!(" field {}", field.trim()));
        let line = line.map(|at| format!(" line {}", at + 1)).unwrap_or_default();
        Failure::Wrong(format!("{name}{line}{}: {problem}", field.unwrap_or_default()))
    };
    let line_of =
        |field: &str| text.lines().position(|line| line.split_once('=').is_some_and(|(known, _)| known.trim() == field));
    let located = |text: &str, problem: &toml::de::Error| {
        let line = problem.span().map(|span| text[..span.start.min(text.len())].matches('\n').count());
        wrong(line, problem.message().to_owned())
    };
    let mut file: toml::Table = text.parse().map_err(|problem| located(text, &problem))?;
    let base = match file.remove("base") {
        None => Policy::default(),
        Some(toml::Value::String(base)) => Policy::named(&base)
            .ok_or_else(|| wrong(line_of("base"), format!("`{base}` is none of {}", Policy::NAMES.join(", "))))?,
        Some(_) => return Err(wrong(line_of("base"), "is the name of a policy".to_owned())),
    };
    // Read once by itself, for the lines of what is wrong; only then is it merged with its base.
    let lines = text.lines().enumerate().map(|(at, line)| if Some(at) == line_of("base") { "" } else { line });
    let alone = lines.collect::<Vec<&str>>().join("\n");
    toml::from_str::<Policy>(&alone).map_err(|problem| located(&alone, &problem))?;
    let unmerged = |problem: String| wrong(None, problem);
    let mut whole = toml::Table::try_from(&base).map_err(|problem| unmerged(problem.to_string()))?;
    let own_name =
        std::path::Path::new(name).file_stem().map_or_else(|| name.to_owned(), |stem| stem.to_string_lossy().into_owned());
    whole.insert("name".to_owned(), toml::Value::String(own_name));
    for (key, value) in file {
        match (whole.get_mut(&key), value) {
            (Some(toml::Value::Table(known)), toml::Value::Table(given)) => known.extend(given),
            (_, value) => drop(whole.insert(key, value)),
        }
    }
    let policy: Policy =
        toml::Value::Table(whole).try_into().map_err(|problem: toml::de::Error| unmerged(problem.to_string()))?;
    if policy.half_life.0 == 0 {
        return Err(wrong(line_of("half_life"), "is longer than nothing".to_owned()));
    }
    Ok(policy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Policy, String> {
        super::read("ours.toml", text).map_err(|failure| match failure {
            Failure::Wrong(problem) => problem,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn a_file_says_only_what_differs() {
        let policy = read("base = \"fair\"\nhalf_life = \"1d\"\n[weights]\nprice = 30").unwrap();
        let fair = Policy::named("fair").unwrap();
        assert_eq!((policy.name.as_str(), policy.order, policy.half_life.to_string()), ("ours", fair.order, "1d".to_owned()));
        assert_eq!((policy.weights.price, policy.weights.packing), (30, 100));
    }

    #[test]
    fn a_mistake_names_its_line_and_its_field() {
        for (text, told) in [
            ("fair = true\nbackfill = \"sometimes\"", "ours.toml line 2 field backfill: unknown variant `sometimes`"),
            ("\nbase = \"best\"", "ours.toml line 2 field base: `best` is none of default, fair"),
            ("base = \"fair\"\n\nhalf_life = \"soon\"", "ours.toml line 3 field half_life: "),
            ("half_life = \"0s\"", "ours.toml line 1 field half_life: is longer than nothing"),
            ("[weights]\nprice = 3\nbeauty = 1", "ours.toml line 3 field beauty: unknown field `beauty`"),
            ("reservations = -1", "ours.toml line 1 field reservations: "),
            ("fair = true\n= 3", "ours.toml line 2"),
        ] {
            let problem = read(text).unwrap_err();
            assert!(problem.starts_with(told), "{text}: {problem}");
        }
    }
}
