//! Each action has a wrapper of its name.

use aicredits_emulator::{ACTIONS, Emulator};

/// The wrappers of Rust, by hand: one that the macro no longer makes does not compile, and one that this list lacks fails.
macro_rules! wrappers {
    ($($name:ident)*) => {
        $(const _: () = { let _ = Emulator::$name; };)*
        const WRAPPERS: &[&str] = &[$(stringify!($name)),*];
    };
}

wrappers! {
    state reset account key grant top_up adjust spend clock fault clear_faults limit assume journal verdict mark wait
}

#[test]
fn each_action_has_a_wrapper() {
    for action in ACTIONS {
        assert!(WRAPPERS.contains(&action.name), "the action `{}` has no wrapper in Rust", action.name);
    }
    for wrapper in WRAPPERS {
        assert!(ACTIONS.iter().any(|action| action.name == *wrapper), "`{wrapper}` is no action");
    }
}
