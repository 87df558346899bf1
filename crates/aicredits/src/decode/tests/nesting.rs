//! The limit of nested objects and lists.

use super::*;

#[test]
fn nesting_is_bounded_in_known_and_unknown_fields() {
    let unknown = |levels: usize| format!(r#"{{"x":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
    read(&unknown(127));
    assert!(refuse(unknown(128)).reason.contains("128"));
    assert!(refuse(unknown(1_000_000)).reason.contains("128"));
    assert!(refuse(format!(r#"{{"x":{}"#, "[".repeat(1_000_000))).reason.contains("broken"));
    let in_a_rule = |levels: usize| {
        format!(
            r#"{{"creditBalanceBreakdown":[{{"usageRules":[{{"x":{}{}}}]}}]}}"#,
            "[".repeat(levels),
            "]".repeat(levels)
        )
    };
    read(&in_a_rule(123));
    assert_eq!(refuse(in_a_rule(124)).path, "creditBalanceBreakdown[0].usageRules[0]");
    assert_eq!(refuse(rule_with(&format!("{}{}", "[".repeat(1000), "]".repeat(1000)))).path, RULE_BALANCE);
    assert_eq!(refuse(format!(r#"{{"periodicCredits":{}"#, "[".repeat(1_000_000))).path, "periodicCredits");
    read(r#"{"x":"[[[[\"[[[\\"}"#);
}
