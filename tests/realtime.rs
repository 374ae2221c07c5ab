//! The callback's end of the handoff may not allocate, whether the ring has room or not.
//!
//! A binary of its own, because it replaces the allocator of its process.

#![expect(unsafe_code, reason = "an allocator can only be written with unsafe code; this one counts and delegates")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use photophone::source::SampleBlock;
use photophone::source::handoff::{ChannelPick, Stamp, handoff};

/// The system's allocator, counting calls per thread.
struct Counting;

thread_local! {
    static CALLS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    CALLS.with(|calls| calls.set(calls.get() + 1));
}

// SAFETY: every call is handed to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract of `alloc`, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count();
        // SAFETY: the pointer came from the system's allocator with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count();
        // SAFETY: the pointer came from the system's allocator with this layout.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn pushing_never_allocates() {
    let (mut sender, mut receiver) = handoff(ChannelPick::new(2, 1, 2).unwrap(), 4800, 480);
    let buffer = [0.25_f32; 960];
    let before = CALLS.get();
    drop(std::hint::black_box(Box::new(1_u8)));
    assert_eq!(CALLS.get() - before, 2, "the counter does not count");

    let before = CALLS.get();
    for _ in 0..20 {
        sender.push(&buffer, Stamp::default());
    }
    assert_eq!(CALLS.get(), before);
    assert_eq!(receiver.dropped_untold(), 4800, "the ring was meant to fill up");

    let mut block = SampleBlock::default();
    while receiver.read(&mut block).is_some() {}
    let before = CALLS.get();
    sender.push(&buffer, Stamp::default());
    receiver.read(&mut block).unwrap();
    assert_eq!(CALLS.get(), before, "a warm reader does not allocate either");
}
