//! Computing power, which means nothing without its class, precision and sparsity.
//!
//! Known at compile time it is [`Flops`], typed by [`Of`]; read from a file it is [`AnyFlops`], which has no
//! sum at all; many figures are kept in a [`Tally`], one row a [`Kind`]. There is no way to write a sum
//! across kinds:
//!
//! ```compile_fail
//! use measure::*;
//! let a: Flops<Of<Intelligent, Fp16, Dense>> = Flops::mega(1);
//! let b: Flops<Of<Intelligent, Fp32, Dense>> = Flops::mega(1);
//! let nonsense = a + b; // does not compile
//! ```
//!
//! ```
//! use measure::*;
//! let a: Flops<Of<Intelligent, Fp16, Dense>> = Flops::mega(1);
//! assert_eq!((a + a).as_mega(), 2);
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Add;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::decimal::{Malformed, Unit, parse_in, print_in};

macro_rules! spelled {
    ($(#[$doc:meta])* $name:ident, $wanted:literal, $($(#[$variant_doc:meta])* $variant:ident = $text:literal),*) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $text)] $variant),* }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(match self { $($name::$variant => $text),* })
            }
        }

        impl FromStr for $name {
            type Err = Malformed;
            fn from_str(text: &str) -> Result<$name, Malformed> {
                match text {
                    $($text => Ok($name::$variant),)*
                    _ => Err(Malformed::new(text, $wanted)),
                }
            }
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];
        }
    };
}

spelled!(
    /// What the power is for.
    Class, "a class: general, intelligent or super",
    /// Processors.
    General = "general",
    /// Accelerators for machine learning.
    Intelligent = "intelligent",
    /// High-performance computing.
    Super = "super"
);

spelled!(
    /// The number format in which operations are counted.
    Precision, "a precision: fp64, fp32, tf32, fp16, fp8, fp4 or int8",
    /// 64-bit floating point.
    Fp64 = "fp64",
    /// 32-bit floating point.
    Fp32 = "fp32",
    /// 19-bit tensor format on 32-bit storage.
    Tf32 = "tf32",
    /// 16-bit floating point, and bfloat16.
    Fp16 = "fp16",
    /// 8-bit floating point.
    Fp8 = "fp8",
    /// 4-bit floating point.
    Fp4 = "fp4",
    /// 8-bit integers (operations, not floating point).
    Int8 = "int8"
);

spelled!(
    /// Whether skipped zeros are counted as operations.
    Sparsity, "dense or sparse",
    /// Every operation counted was done.
    Dense = "dense",
    /// Structured zeros are counted although skipped.
    Sparse = "sparse"
);

/// What a figure of computing power counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Kind {
    /// What it is for.
    pub class: Class,
    /// In which number format.
    pub precision: Precision,
    /// With or without skipped zeros.
    pub sparsity: Sparsity,
}

impl Kind {
    /// The kind in which a class is compared with published figures (DESIGN.md §3.2): intelligent in fp16,
    /// general in fp32, super in fp64, all dense.
    pub const fn usual(class: Class) -> Kind {
        let precision = match class {
            Class::General => Precision::Fp32,
            Class::Intelligent => Precision::Fp16,
            Class::Super => Precision::Fp64,
        };
        Kind { class, precision, sparsity: Sparsity::Dense }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.class, self.precision, self.sparsity)
    }
}

impl FromStr for Kind {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Kind, Malformed> {
        let wrong = || Malformed::new(text, "a kind of computing power, such as intelligent fp16 dense");
        let parts: Vec<&str> = text.split_whitespace().collect();
        let [class, precision, sparsity] = parts[..] else { return Err(wrong()) };
        Ok(Kind { class: class.parse()?, precision: precision.parse()?, sparsity: sparsity.parse()? })
    }
}

/// A kind known at compile time.
pub trait KindTag {
    /// The same as a value.
    const KIND: Kind;
}

/// The kind made of a class, a precision and a sparsity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Of<C, P, S>(PhantomData<(C, P, S)>);

macro_rules! tags {
    ($marker:ident: $($name:ident),*) => {
        $(#[doc = concat!("The ", stringify!($name), " of a typed figure.")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name;
        impl $marker for $name { const VALUE: <Self as HasValue>::Value = <Self as HasValue>::Value::$name; })*
    };
}

/// Gives a marker its runtime type.
#[doc(hidden)]
pub trait HasValue {
    /// The runtime type.
    type Value;
}
macro_rules! valued {
    ($value:ident: $($name:ident),*) => { $(impl HasValue for $name { type Value = $value; })* };
}
valued!(Class: General, Intelligent, Super);
valued!(Precision: Fp64, Fp32, Tf32, Fp16, Fp8, Fp4, Int8);
valued!(Sparsity: Dense, Sparse);

trait ClassTag {
    const VALUE: Class;
}
trait PrecisionTag {
    const VALUE: Precision;
}
trait SparsityTag {
    const VALUE: Sparsity;
}
tags!(ClassTag: General, Intelligent, Super);
tags!(PrecisionTag: Fp64, Fp32, Tf32, Fp16, Fp8, Fp4, Int8);
tags!(SparsityTag: Dense, Sparse);

#[allow(private_bounds)]
impl<C: ClassTag, P: PrecisionTag, S: SparsityTag> KindTag for Of<C, P, S> {
    const KIND: Kind = Kind { class: C::VALUE, precision: P::VALUE, sparsity: S::VALUE };
}

/// Computing power of a kind fixed at compile time, in millions of operations a second.
pub struct Flops<K> {
    mega: u64,
    kind: PhantomData<K>,
}

impl<K> Clone for Flops<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Flops<K> {}
impl<K> PartialEq for Flops<K> {
    fn eq(&self, other: &Self) -> bool {
        self.mega == other.mega
    }
}

impl<K> Add for Flops<K> {
    type Output = Flops<K>;
    fn add(self, other: Flops<K>) -> Flops<K> {
        Flops::mega(self.mega + other.mega)
    }
}

impl<K> Flops<K> {
    /// So many million operations a second.
    pub const fn mega(mega: u64) -> Flops<K> {
        Flops { mega, kind: PhantomData }
    }

    /// In millions of operations a second.
    pub const fn as_mega(self) -> u64 {
        self.mega
    }
}

impl<K: KindTag> Flops<K> {
    /// Another kind, at `permille` thousandths of this figure, because `assumption` is taken to hold; the
    /// assumption travels with the result so that a reader sees it.
    pub fn assuming<T: KindTag>(self, permille: u64, assumption: &'static str) -> Conversion<T> {
        let mega = (u128::from(self.mega) * u128::from(permille) / 1000) as u64;
        Conversion { from: K::KIND, flops: Flops::mega(mega), assumption }
    }
}

impl<K: KindTag> From<Flops<K>> for AnyFlops {
    fn from(flops: Flops<K>) -> AnyFlops {
        AnyFlops { kind: K::KIND, mega: flops.mega }
    }
}

impl<K: KindTag> fmt::Debug for Flops<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", AnyFlops::from(*self))
    }
}

/// A figure brought to another kind, with what was assumed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conversion<K: KindTag> {
    /// The kind it came from.
    pub from: Kind,
    /// The result.
    pub flops: Flops<K>,
    /// What was taken to hold.
    pub assumption: &'static str,
}

/// Computing power whose kind is data. It has no sum: put it into a [`Tally`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AnyFlops {
    /// What is counted.
    pub kind: Kind,
    /// Millions of operations a second.
    pub mega: u64,
}

const FLOPS_UNITS: [Unit; 5] = [("MFLOPS", 0), ("GFLOPS", 3), ("TFLOPS", 6), ("PFLOPS", 9), ("EFLOPS", 12)];

impl AnyFlops {
    /// So many of the same thing together.
    pub fn times(self, count: u64) -> AnyFlops {
        AnyFlops { mega: self.mega.saturating_mul(count), ..self }
    }

    /// In EFLOPS, for printing only.
    pub fn as_eflops(self) -> f64 {
        self.mega as f64 / 1e12
    }
}

impl fmt::Display for AnyFlops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = print_in(i64::try_from(self.mega).unwrap_or(i64::MAX), &FLOPS_UNITS);
        write!(f, "{amount} {}", self.kind)
    }
}

impl FromStr for AnyFlops {
    type Err = Malformed;
    /// Reads `312 TFLOPS intelligent fp16 dense`: a bare figure is refused.
    fn from_str(text: &str) -> Result<AnyFlops, Malformed> {
        let wanted = "a computing power with its kind, such as 312 TFLOPS intelligent fp16 dense";
        let wrong = || Malformed::new(text, wanted);
        let (amount, kind) = text.split_once("FLOPS ").ok_or_else(wrong)?;
        let mega = parse_in(&format!("{amount}FLOPS"), &FLOPS_UNITS, wanted)?;
        Ok(AnyFlops { kind: kind.parse()?, mega: u64::try_from(mega).map_err(|_| wrong())? })
    }
}

/// Sums of computing power, one row a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<Kind, u64>);

impl Tally {
    /// Counts `flops` in its own row.
    pub fn add(&mut self, flops: AnyFlops) {
        *self.0.entry(flops.kind).or_default() += flops.mega;
    }

    /// What was counted of `kind`, if anything was.
    pub fn of(&self, kind: Kind) -> Option<AnyFlops> {
        self.0.get(&kind).map(|mega| AnyFlops { kind, mega: *mega })
    }

    /// Every row.
    pub fn rows(&self) -> impl Iterator<Item = AnyFlops> + '_ {
        self.0.iter().map(|(kind, mega)| AnyFlops { kind: *kind, mega: *mega })
    }
}
