use std::collections::BTreeSet;

use super::passage::Syntax;
use super::rules::{CLAUSE, RULES};
use super::{hits_in, too_long};

/// A sentence with a fault for each rule, by the rule's name.
const FAULTS: &[(&str, &str)] = &[
    ("save", "All of them, save one."),
    ("save", "It is free save for the text."),
    ("stand", "It stands on the pool."),
    ("beside", "It lies beside the header."),
    ("lend", "The pointer is lent."),
    ("whoever", "Freed by whoever made it."),
    ("whom", "The thread by whom it is called."),
    ("heed", "It heeds DESTDIR."),
    ("befall", "Nothing befalls it."),
    ("mend", "An error names what would mend it."),
    ("kin", "The setter and its kin."),
    ("shall", "The caller shall free it."),
    ("guest", "A guest of the library."),
    ("tells", "The status tells enough."),
    ("of its own", "A thread of\nits own."),
    ("unless set", "Ten, unless set."),
    ("one per", "It has a file a noun."),
    ("lead on", "A proxy was asked to lead on."),
    ("astray", "It has gone astray."),
    ("letter to", "A letter to a C programmer."),
    ("wish", "As many threads as wish."),
    ("under way", "No call is under way."),
    ("bring about", "No vector can bring about this."),
    ("for want of", "It fails for want of a name."),
    ("spelt", "It is spelt so."),
    ("hence", "Hence it fails."),
    ("upon", "Upon this it ends."),
    (CLAUSE, "What ended a call comes first."),
    (CLAUSE, "It ends. Who waits is woken."),
    (CLAUSE, "That a command failed, and which."),
];

fn rules_hit(syntax: Syntax, text: &str) -> Vec<(usize, &'static str)> {
    hits_in(syntax, "tests/vectors/planted", text).into_iter().map(|hit| (hit.line, hit.rule)).collect()
}

#[test]
fn each_rule_finds_its_planted_fault() {
    for (rule, text) in FAULTS {
        assert!(rules_hit(Syntax::Text, text).contains(&(1, rule)), "{rule}: {text}");
    }
    let planted: BTreeSet<_> = FAULTS.iter().map(|(rule, _)| *rule).collect();
    let rules: BTreeSet<_> = RULES.iter().map(|rule| rule.name).chain([CLAUSE]).collect();
    assert_eq!(planted, rules);
}

#[test]
fn each_phrase_of_each_rule_is_found() {
    for rule in RULES {
        for phrase in rule.phrases {
            assert!(rules_hit(Syntax::Text, &format!("it {phrase} one")).contains(&(1, rule.name)), "{phrase}");
        }
    }
}

#[test]
fn plain_sentences_have_no_hit() {
    for text in [
        "Save the file, and a data race is fine.",
        "What does it cost?",
        "That call returns at once.",
        "The owner borrows it; each understands a stand-in.",
        "The word `shall` is quoted, and ``a `lent` one`` too.",
        "Besides, skin and kind are words.",
    ] {
        assert_eq!(rules_hit(Syntax::Text, text), [], "{text}");
    }
}

#[test]
fn a_backtick_without_a_partner_quotes_nothing() {
    assert_eq!(rules_hit(Syntax::Text, "a ` and it is lent"), [(1, "lend")]);
}

#[test]
fn comments_strings_and_function_names_are_checked_and_code_is_not() {
    let rust = "let lent = 'x';\n// It is lent.\nlet s = \"lent\";\nlet r = r#\"a \"lent\" one\"#;\nfn it_is_lent() {}\n\
                /* one\n   lent */\nlet c = '\"'; let lent = &'a lent;\n/// a thread of\n/// its own\n";
    let expected = [(2, "lend"), (3, "lend"), (4, "lend"), (5, "lend"), (7, "lend"), (9, "of its own")];
    assert_eq!(rules_hit(Syntax::Rust, rust), expected);
}

#[test]
fn every_syntax_is_read() {
    let python = "lent = 1\n'''A\nlent one'''\nx = 'lent'  # lent\ndef test_is_lent(): pass\n";
    assert_eq!(rules_hit(Syntax::Python, python), [(3, "lend"), (4, "lend"), (4, "lend"), (5, "lend")]);
    let go = "lent := `lent`\nfunc TestItIsLent(t *T) {}\n// lent\n";
    assert_eq!(rules_hit(Syntax::Go, go), [(1, "lend"), (2, "lend"), (3, "lend")]);
    let c = "int lent; /* lent */\nstatic void is_lent(void) {}\nputs(\"a\\\"lent\");\n";
    assert_eq!(rules_hit(Syntax::C, c), [(1, "lend"), (2, "lend"), (3, "lend")]);
    let vector = "{\n  \"about\": \"It is lent.\",\n  \"reply\": \"lent\"\n}";
    assert_eq!(rules_hit(Syntax::Vector, vector), [(2, "lend")]);
}

#[test]
fn a_name_may_not_start_with_a_clause() {
    assert_eq!(rules_hit(Syntax::Rust, "fn what_is_read_is_kept() {}\n"), [(1, CLAUSE)]);
    assert_eq!(rules_hit(Syntax::Rust, "fn it_says_what_is_read() {}\n"), []);
}

#[test]
fn a_mark_with_a_reason_allows_its_rule_on_two_lines() {
    let allowed = "// language: allow(lend): the name of a crate\n// lent\n";
    assert_eq!(rules_hit(Syntax::Rust, allowed), []);
    assert_eq!(rules_hit(Syntax::Rust, "f(\"lent\"); // language: allow(lend): a name\n"), []);
    let other = "// language: allow(mend): a name
// lent
";
    assert_eq!(rules_hit(Syntax::Rust, other), [(1, "mark"), (2, "lend")]);
}

#[test]
fn a_mark_without_a_reason_or_without_a_hit_is_wrong() {
    assert_eq!(rules_hit(Syntax::Rust, "// language: allow(lend)\n// lent\n"), [(1, "mark")]);
    assert_eq!(rules_hit(Syntax::Rust, "// language: allow(lend): a name\n// fine\n"), [(1, "mark")]);
}

#[test]
fn a_generated_file_is_not_checked() {
    assert_eq!(rules_hit(Syntax::C, "/* Written by `cargo xtask generate`. */\n/* lent */\n"), []);
}

#[test]
fn a_long_subject_is_found() {
    let long = format!("abc123 {}", "x".repeat(73));
    assert_eq!(too_long(&format!("{long}\ndef456 {}\n", "x".repeat(72))), [format!("{long}: over 72 characters")]);
}
