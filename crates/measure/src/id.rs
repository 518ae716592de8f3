//! Names and counted ids. Ids are counted, never drawn, so equal histories give equal journals.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Malformed;

macro_rules! counted_id {
    ($(#[$doc:meta])* $name:ident, $integer:ty, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $integer);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "-{}"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = Malformed;
            fn from_str(text: &str) -> Result<$name, Malformed> {
                let wrong = || Malformed::new(text, concat!("an id such as ", $prefix, "-42"));
                let digits = text.strip_prefix(concat!($prefix, "-")).unwrap_or(text);
                if digits.len() > 1 && digits.starts_with('0') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(wrong());
                }
                digits.parse().map($name).map_err(|_| wrong())
            }
        }
    };
}

counted_id!(
    /// A job, counted from 1 in the order of submission.
    JobId, u64, "job"
);
counted_id!(
    /// A tenant, counted from 1 in the order of admission.
    TenantId, u32, "tenant"
);
counted_id!(
    /// A pool, counted from 1 in the order of joining.
    PoolId, u32, "pool"
);

/// A name people choose: 1 to 63 lower-case letters, digits, hyphens or dots, beginning and ending with a
/// letter or digit. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(Arc<str>);

impl Name {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Name, Malformed> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let ends = text.bytes().next().is_some_and(plain) && text.bytes().last().is_some_and(plain);
        let inside = text.bytes().all(|byte| plain(byte) || byte == b'-' || byte == b'.');
        if !ends || !inside || text.len() > 63 {
            return Err(Malformed::new(text, "a name of 1 to 63 lower-case letters, digits, hyphens or dots, such as llm-lab"));
        }
        Ok(Name(text.into()))
    }
}

impl TryFrom<String> for Name {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Name, Malformed> {
        text.parse()
    }
}

impl From<Name> for String {
    fn from(name: Name) -> String {
        name.0.as_ref().to_owned()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
