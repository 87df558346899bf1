//! Decoding makes a few allocations, for a reply of any size. The test is alone in this file, because it counts the
//! allocations of the whole process.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use aicredits::Balance;

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn largest_documented_reply() -> String {
    let rule = r#"{"period":"MONTH","balance":850,"cap":1000,"resetDate":"2026-07-01T00:00:00.000Z"}"#;
    let rules = [rule; 10].join(",");
    let source =
        |index: usize| format!(r#"{{"subscriptionId":"d7a341c4-196b-46e7-813c-{index:012}","usageRules":[{rules}]}}"#);
    let sources = (0..1000).map(source).collect::<Vec<_>>().join(",");
    format!(
        r#"{{"periodicCredits":{{"balance":850,"cap":1000}},"topUpCredits":{{"balance":200,"cap":200}},"creditBalanceBreakdown":[{sources}]}}"#
    )
}

#[test]
fn the_largest_documented_reply_takes_at_most_16_allocations() {
    let json = largest_documented_reply().into_bytes();
    assert!(json.len() > 850_000, "{}", json.len());

    let before = ALLOCATIONS.load(Ordering::Relaxed);
    let balance = Balance::from_json(json).unwrap();
    let allocations = ALLOCATIONS.load(Ordering::Relaxed) - before;

    let rules: usize = balance.credit_balance_breakdown().map(|source| source.usage_rules().len()).sum();
    assert_eq!((balance.credit_balance_breakdown().len(), rules), (1000, 10_000));
    assert!((1..=16).contains(&allocations), "{allocations} allocations");
}
