//! `shugu bench matmul`: what cores can do, by products of matrices: the count of operations is exact and the result is checked.

use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;

use crate::failure::{Failure, Outcome, print};
use crate::print_json;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// fp32 or fp64.
    #[arg(long, default_value = "fp32")]
    precision: String,
    /// How many at a time; all cores that this process may use if left out.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// For how long.
    #[arg(long, default_value_t = 5.0, value_name = "SECONDS")]
    seconds: f64,
    /// Rows and columns.
    #[arg(long, default_value_t = 1024, value_name = "N")]
    size: usize,
}

/// A number from 0 to 1 that follows from a position, so that every run computes the same.
fn fill(at: usize) -> f64 {
    (at.wrapping_mul(2_654_435_761) % 1000) as f64 / 1000.0
}

macro_rules! product {
    ($name:ident, $float:ty, $gemm:path) => {
        /// Multiplies until the time is over; returns how many products were made.
        #[expect(unsafe_code, reason = "the library takes pointers; the lengths are those of the vectors made here")]
        fn $name(size: usize, until: Instant) -> Result<u64, String> {
            let a: Vec<$float> = (0..size * size).map(|at| fill(at) as $float).collect();
            let b: Vec<$float> = (0..size * size).map(|at| fill(at + 7) as $float).collect();
            let mut c: Vec<$float> = vec![0.0; size * size];
            let (rows, columns) = (size as isize, 1);
            let mut count = 0;
            while Instant::now() < until {
                // SAFETY: the three vectors hold size × size numbers, row by row, and `c` is nobody else's.
                unsafe {
                    $gemm(
                        size,
                        size,
                        size,
                        1.0,
                        a.as_ptr(),
                        rows,
                        columns,
                        b.as_ptr(),
                        rows,
                        columns,
                        0.0,
                        c.as_mut_ptr(),
                        rows,
                        columns,
                    );
                }
                count += 1;
            }
            if count > 0 {
                let (row, column) = (size / 3, size / 2);
                let exact: f64 = (0..size).map(|k| f64::from(a[row * size + k]) * f64::from(b[k * size + column])).sum();
                let found = f64::from(c[row * size + column]);
                if (found - exact).abs() > exact.abs() * 1e-3 {
                    return Err(format!("a product came out as {found} and should be {exact}"));
                }
            }
            Ok(count)
        }
    };
}

product!(single, f32, matrixmultiply::sgemm);
product!(double, f64, matrixmultiply::dgemm);

pub(crate) fn run(options: &Options, json: bool) -> Outcome {
    let multiply = match options.precision.as_str() {
        "fp32" => single,
        "fp64" => double,
        other => return Err(Failure::Wrong(format!("--precision: `{other}` is neither fp32 nor fp64"))),
    };
    if !(0.01..=3600.0).contains(&options.seconds) || !(16..=16_384).contains(&options.size) {
        return Err(Failure::Wrong("--seconds lies between 0.01 and 3600, --size between 16 and 16384".to_owned()));
    }
    let threads =
        options.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get)).max(1);
    let begun = Instant::now();
    let until = begun + Duration::from_secs_f64(options.seconds);
    let products: Vec<Result<u64, String>> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(|| multiply(options.size, until))).collect();
        all.into_iter().map(|one| one.join().unwrap_or_else(|_| Err("a thread failed".to_owned()))).collect()
    });
    let took = begun.elapsed().as_secs_f64();
    let products: u64 = products.into_iter().sum::<Result<u64, String>>().map_err(Failure::Failed)?;
    // A product of n × n matrices takes n multiplications and n additions for each of its n² elements.
    let operations = 2.0 * (options.size as f64).powi(3) * products as f64;
    let tflops = operations / took / 1e12;
    if json {
        return print_json(&json!({ "tflops": format!("{tflops:.6}"), "precision": options.precision, "threads": threads,
            "size": options.size, "products": products, "seconds": took }));
    }
    print(&format!(
        "{tflops:.6} TFLOPS {} dense on {threads} threads: {products} products of {} × {} in {took:.2} s\n",
        options.precision, options.size, options.size
    ))
}
