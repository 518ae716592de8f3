//! Quantities of a computing-power hub: computing power, devices, energy, carbon, money, time and ids.
//!
//! Every quantity is an integer in a newtype, so equal histories give equal bytes, and only the products
//! that mean something exist (devices × span is device-time; nothing else is). Each type parses what it
//! prints, exactly. Never here: a clock, a float that is stored, or a sum across precisions.

mod decimal;
mod device;
mod energy;
mod flops;
mod id;
mod money;
mod time;

pub use decimal::{Malformed, parse_scaled, print_scaled};
pub use device::{CoreTime, Cpu, DeviceTime, Devices, Memory};
pub use energy::{Carbon, CarbonFactor, Energy, Power, Pue};
pub use flops::{
    AnyFlops, Class, Conversion, Dense, Flops, Fp4, Fp8, Fp16, Fp32, Fp64, General, Int8, Intelligent, Kind, KindTag, Of,
    Precision, Sparse, Sparsity, Super, Tally, Tf32,
};
pub use id::{JobId, Name, PoolId, TenantId};
pub use money::{Money, Rate};
pub use time::{Span, Time};
