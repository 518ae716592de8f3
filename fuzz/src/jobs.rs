//! Jobs as people write them: forms in JSON, files in YAML (the hub's own, Kubernetes, SkyPilot), batch scripts of Slurm.

use serve::SubmitForm;
use shugu::script::Asked;

const FILE: &str = "train.yaml";

/// The text as each of them.
pub fn hold(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(form) = serde_json::from_str::<SubmitForm>(&text) {
        holds_of(&form);
    }
    match shugu::foreign::read_file(FILE, &text) {
        Ok(read) => {
            read.forms.iter().for_each(holds_of);
            read.said.iter().for_each(|said| super::told(said, FILE, &text));
        }
        Err(failure) => super::told(&failure.to_string(), FILE, &text),
    }
    let arguments = ["first".to_owned()];
    match shugu::script::read(FILE, text.clone().into_owned(), &arguments, Asked::default()) {
        Ok(batch) => {
            holds_of(&batch.form);
            assert_eq!(batch.form.command.last(), arguments.last(), "a script is told what it was given");
            assert!(batch.form.array.is_none_or(|count| count > 0), "an array of nothing");
        }
        Err(failure) => super::told(&failure.to_string(), FILE, &text),
    }
}

/// A form is sent as it was read.
fn holds_of(form: &SubmitForm) {
    let sent = serde_json::to_string(form).expect("a form is written");
    let again: SubmitForm = serde_json::from_str(&sent).unwrap_or_else(|problem| panic!("{problem}: {sent}"));
    // Of a PUE a float is kept, and what is no number is sent as none.
    assert!(again == *form || form.max_pue.is_some_and(f64::is_nan), "{sent}");
}
