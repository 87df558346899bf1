//! The words that the project does not use, and the plain word for each.

/// Words and phrases with one meaning, and the plain word for them.
pub(super) struct Rule {
    /// The name of the rule in a mark: `language: allow(NAME): reason`.
    pub(super) name: &'static str,
    /// Lower case. Words of a phrase are separated by one space; `,` is a word too.
    pub(super) phrases: &'static [&'static str],
    pub(super) hint: &'static str,
}

const fn rule(name: &'static str, phrases: &'static [&'static str], hint: &'static str) -> Rule {
    Rule { name, phrases, hint }
}

pub(super) const RULES: &[Rule] = &[
    rule(
        "save",
        &["save that", "save for", "save where", "save when", "save if", "save in", "save by", "save to", ", save"],
        "except",
    ),
    rule("stand", &["stand", "stands", "stood"], "is, is in, depends on, means"),
    rule("beside", &["beside"], "next to, besides, compared with"),
    rule("lend", &["lend", "lends", "lent", "lending", "lender"], "borrow, return, pass"),
    rule("whoever", &["whoever", "whomever"], "the caller, the thread that"),
    rule("whom", &["whom"], "name the caller, user or thread"),
    rule("heed", &["heed", "heeds", "heeded", "heeding"], "honours, uses"),
    rule("befall", &["befall", "befalls", "befell", "befallen"], "happens to"),
    rule("mend", &["mend", "mends", "mended", "mending"], "fix"),
    rule("kin", &["kin"], "related functions, similar"),
    rule("shall", &["shall"], "must, or the present tense"),
    rule("guest", &["guest", "guests"], "dependency"),
    rule("tells", &["tells"], "reports, says, returns"),
    rule("of its own", &["of its own", "of their own", "of his own"], "separate, its own X, one per X"),
    rule("unless set", &["unless set", "unless given", "unless named"], "default"),
    rule("one per", &["a file a noun", "an accessor a value", "one idea a file", "a runner a language"], "one X per Y"),
    rule("lead on", &["lead on", "leads on", "led on", "leading on"], "establish a tunnel, forward"),
    rule("astray", &["astray"], "wrong, lost"),
    rule("letter to", &["a letter to"], "documentation for"),
    rule("wish", &["wish", "wishes", "wished"], "want, or as many as needed"),
    rule("under way", &["under way", "underway"], "in flight, running"),
    rule("bring about", &["bring about", "brings about", "brought about"], "cause"),
    rule("for want of", &["for want of"], "because there is no"),
    rule("spelt", &["spelt"], "spelled, written"),
    rule("hence", &["hence", "lest", "whence", "hither", "hitherto", "thereof", "therein", "thereby"], "a modern word"),
    rule("upon", &["upon", "amongst", "whilst", "forthwith", "henceforth", "nought", "anew", "unto"], "a modern word"),
];

/// A sentence that starts with one of these, and is no question, starts with a subject clause.
pub(super) const CLAUSES: &[&str] = &["what", "whatever", "who"];

/// `That` starts a clause before one of these words; before another, as in "That call", it points at something.
pub(super) const AFTER_THAT: &[&str] =
    &["a", "an", "the", "it", "they", "no", "one", "each", "every", "its", "nothing"];

pub(super) const CLAUSE: &str = "clause";
pub(super) const CLAUSE_HINT: &str = "start with the subject: a noun, not a clause";

/// Whether a rule has the name.
pub(super) fn is_name(name: &str) -> bool {
    name == CLAUSE || RULES.iter().any(|rule| rule.name == name)
}
