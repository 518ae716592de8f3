//! Bugs put in on purpose, to see that simulations find them (docs/simulate.md). Only a build with the feature `bugs` has any.

/// Whether this bug is in: the one that `SHUGU_BUG` names.
#[cfg(feature = "bugs")]
pub fn bug(name: &str) -> bool {
    static IN: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    IN.get_or_init(|| std::env::var("SHUGU_BUG").ok()).as_deref() == Some(name)
}

/// None is.
#[cfg(not(feature = "bugs"))]
#[inline(always)]
pub const fn bug(_: &str) -> bool {
    false
}
