//! The layout of the structs that cross the boundary, fixed for a SONAME.
//!
//! The compiler holds Rust to this table here, and a test holds what a C compiler makes of the header to the same
//! lines.

use std::mem::{align_of, offset_of, size_of};

use crate::affordability::aicredits_binding_rule;
use crate::attempt::aicredits_attempt;
use crate::field_violation::aicredits_field_violation;
use crate::fleet::aicredits_progress;
use crate::gate_state::aicredits_open_reservation;
use crate::model::{aicredits_credit_balance, aicredits_credits, aicredits_usage_rule};
use crate::scope::aicredits_scope;
use crate::target::aicredits_target;
use crate::timestamp::aicredits_timestamp;

macro_rules! layout {
    ($($name:ident: $size:literal { $($field:ident: $offset:literal),* })*) => {
        $(const _: () = {
            assert!(size_of::<$name>() == $size && align_of::<$name>() == 8);
            $(assert!(offset_of!($name, $field) == $offset);)*
        };)*
    };
}

#[cfg(target_pointer_width = "64")]
layout! {
aicredits_timestamp: 16 { unix_seconds: 0, nanoseconds: 8, reserved: 12 }
aicredits_credits: 40 { present: 0, balance: 8, cap: 16, reserved: 24 }
aicredits_usage_rule: 72 { present: 0, period: 4, period_name: 8, period_name_length: 16, balance: 24, cap: 32, reset_date: 40, reserved: 56 }
aicredits_credit_balance: 56 { present: 0, subscription_id: 8, subscription_id_length: 16, usage_rules: 24, usage_rule_count: 32, reserved: 40 }
aicredits_scope: 56 { kind: 0, account_id: 8, account_id_length: 16, site_id: 24, site_id_length: 32, reserved: 40 }
aicredits_field_violation: 72 { present: 0, field: 8, field_length: 16, description: 24, description_length: 32, violated_rule: 40, violated_rule_length: 48, reserved: 56 }
aicredits_attempt: 56 { present: 0, phase: 4, duration_ns: 8, http_status: 16, request_id: 24, request_id_length: 32, reserved: 40 }
aicredits_binding_rule: 32 { source: 0, rule: 8, reserved: 16 }
aicredits_open_reservation: 56 { present: 0, label: 8, label_length: 16, cost: 24, age_ms: 32, reserved: 40 }
aicredits_target: 64 { scope: 0, account_id: 8, site_id: 16, label: 24, client: 32, client_name: 40, reserved: 48 }
aicredits_progress: 72 { present: 0, total: 8, done: 16, failed: 24, recent_attempts: 32, paused_ms: 40, time_left_ms: 48, reserved: 56 }
}
