//! Memory that is asked for before it is looked at. A large hub lies in no processor's cache, and what a placement waits for
//! is memory: a job that nobody looked at for an hour is a quarter of a microsecond away. Where it is known early what will
//! be looked at, it is on its way meanwhile.

/// Bytes that come at once.
const LINE: usize = 64;

/// Asks for all of something that is going to be looked at. Nothing waits for it, and nothing is changed by it.
#[inline(always)]
pub(crate) fn ask_for<T>(one: &T) {
    let first = std::ptr::from_ref(one).cast::<i8>();
    for line in 0..size_of::<T>().div_ceil(LINE) {
        hint(first.wrapping_add(line * LINE));
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
#[expect(unsafe_code, reason = "the standard library's safe way to say this is not stable yet")]
fn hint(at: *const i8) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: a hint, of which every processor of this kind knows. It reads and writes nothing that the program could see,
    // and never faults, whatever the address.
    unsafe { _mm_prefetch(at, _MM_HINT_T0) }
}

#[cfg(not(target_arch = "x86_64"))]
fn hint(_: *const i8) {}
