//! What time it is: the one place of the hub that is asked.

pub(crate) use execute::clock::Moment;
pub use execute::clock::now;
