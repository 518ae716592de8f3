//! What the command line reads that people and others wrote: job files, batch scripts, policies, settings, readings; and the facts
//! that ship with it. Apart from the commands, so that tests and fuzzers reach it; nothing else is offered.

pub mod failure;
pub mod foreign;
pub mod policy;
pub mod readings;
pub mod script;
pub mod settings;
pub mod shipped;
