//! The allocator of the library. A key passes through buffers of TLS and of parsers too, so all memory is wiped when it is
//! freed.

use std::alloc::{GlobalAlloc, Layout, System};

use zeroizing_alloc::ZeroAlloc;

/// [`ZeroAlloc`] with its longer functions out of line: inlined everywhere, they take 110 KB.
struct Wiping(ZeroAlloc<System>);

#[global_allocator]
static ALLOCATOR: Wiping = Wiping(ZeroAlloc(System));

// SAFETY: each function is that of `ZeroAlloc`, with the same arguments.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's duties are the same.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's duties are the same.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    #[inline(never)]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's duties are the same.
        unsafe { self.0.dealloc(block, layout) }
    }

    #[inline(never)]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's duties are the same.
        unsafe { self.0.realloc(block, layout, size) }
    }
}
