//! What cluster managers, nodes and the folders of jobs tell an agent.

use execute::told;

/// How long what is read of a text may be, written out: a text cannot fill an agent's memory.
const LONGEST: usize = 64;

/// The text as each of them.
pub fn hold(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for read in [told::slurm, told::slurmrestd, told::kubernetes, told::folder, told::keeper] {
        let (one, other) = (read(&text), read(&text));
        assert_eq!(one, other, "the same is read twice");
        let length: usize = one.iter().map(String::len).sum();
        // Names of fields are written out, too.
        assert!(length <= LONGEST * text.len() + 4000, "{length} bytes out of {}: {one:?}", text.len());
    }
}
