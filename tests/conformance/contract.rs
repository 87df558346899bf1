//! The known facts of the API. A vector must show each row. The library's own lists (settings, error fields, periods,
//! statuses of the C API) are not repeated here.

/// The fields of the API's page, and the line that shows each.
pub(crate) const PAGE: &[(&str, &str)] = &[
    ("periodicCredits", "periodicCredits"),
    ("periodicCredits.balance", "periodicCredits.balance"),
    ("periodicCredits.cap", "periodicCredits.cap"),
    ("topUpCredits", "topUpCredits"),
    ("topUpCredits.balance", "topUpCredits.balance"),
    ("topUpCredits.cap", "topUpCredits.cap"),
    ("creditBalanceBreakdown", "creditBalanceBreakdown.length"),
    ("creditBalanceBreakdown.subscriptionId", "creditBalanceBreakdown.subscriptionId"),
    ("creditBalanceBreakdown.usageRules", "creditBalanceBreakdown.usageRules.length"),
    ("creditBalanceBreakdown.usageRules.period", "creditBalanceBreakdown.usageRules.period"),
    ("creditBalanceBreakdown.usageRules.balance", "creditBalanceBreakdown.usageRules.balance"),
    ("creditBalanceBreakdown.usageRules.cap", "creditBalanceBreakdown.usageRules.cap"),
    ("creditBalanceBreakdown.usageRules.resetDate", "creditBalanceBreakdown.usageRules.resetDate"),
];

/// The properties of a balance besides the page's fields, each with the line that shows it. A property without a line is
/// checked in every balance.
pub(crate) const BALANCE_FIELDS: &[(&str, Option<&str>)] = &[
    ("available", Some("available")),
    ("isRecognized", Some("isRecognized")),
    ("scope", Some("scope")),
    ("requestId", Some("requestId")),
    ("serverDate", Some("serverDate")),
    ("fetchedAt", None),
    ("json", None),
];

/// Kinds that no vector can cause.
pub(crate) const CANNOT_HAPPEN: &[(&str, &str)] = &[
    ("DENIED", "there is no credit gate yet"),
    ("PANIC", "it takes a bug of ours"),
    ("UNEXPECTED", "it takes a bug of ours"),
];

/// The phases in which a server can make an attempt fail.
pub(crate) const PHASES: &[&str] = &["RESOLVE", "CONNECT", "PROXY", "TLS", "HEAD", "BODY", "REPLY"];

/// Statuses that Wix documents, and statuses of recorded replies.
pub(crate) const STATUSES: &[&str] =
    &["400", "401", "403", "404", "409", "428", "429", "500", "501", "502", "503", "504"];

/// The recorded forms of error bodies.
pub(crate) const SHAPES: &[&str] = &[
    "applicationError with description",
    "applicationError without description",
    "applicationError with data",
    "validationError",
    "validationError without violatedRule",
    "systemError",
    "message and empty details",
    "empty message and empty details",
    "message alone",
    "message and errorCode",
    "error and error_description",
    "HTML page",
    "nothing",
];

/// Inputs of the decoding table, each with a part of the reply that shows it. If there is no short part, a vector's
/// `covers` is not checked.
pub(crate) const ROWS: &[(&str, &str)] = &[
    ("count 850", r#""balance": 850,"#),
    ("count \"850\"", r#""balance": "850","#),
    ("count -0", r#""balance": -0,"#),
    ("count 850.0", r#""balance": 850.0,"#),
    ("count 1e3", r#""balance": 1e3,"#),
    ("count \"1e3\"", r#""balance": "1e3","#),
    ("count \" 5\" refused", r#": " 5""#),
    ("count \"5x\" refused", r#": "5x""#),
    ("count \"\" refused", r#": """#),
    ("count true refused", ": true"),
    ("count 2^63 refused", ": 9223372036854775808"),
    ("count 1e400 refused", ": 1e400"),
    ("count NaN refused", ": NaN"),
    ("count 00 refused", ": 00"),
    ("count +5 refused", ": +5"),
    ("count 1.5 refused", ": 1.5"),
    ("count 9007199254740993.0 refused", ": 9007199254740993.0"),
    ("null for a scalar", ": null"),
    ("null for a list", r#""creditBalanceBreakdown": null"#),
    ("null for an object", r#"Credits": null"#),
    ("null in a list refused", "null]"),
    ("balance missing in a pool", ""),
    ("cap missing in a pool", ""),
    ("balance missing in a rule", ""),
    ("cap missing in a rule", ""),
    ("known key twice refused", ""),
    ("unknown key twice", ""),
    ("unknown period kept", ""),
    ("unknown fields kept", ""),
    ("subscriptionId absent", ""),
    ("subscriptionId \"\"", r#""subscriptionId": """#),
    ("subscriptionId not a GUID", ""),
    ("resetDate absent", ""),
    ("resetDate null", r#""resetDate": null"#),
    ("resetDate \"\"", r#""resetDate": """#),
    ("resetDate with fraction", "00.000Z"),
    ("resetDate with more than nine fraction digits", ""),
    ("resetDate without fraction", ":00Z"),
    ("resetDate with offset", "+02:30"),
    ("resetDate in year 9999", "9999-12-31T"),
    ("resetDate in a leap second", ":60Z"),
    ("resetDate out of range once the offset is applied", ""),
    ("resetDate garbage refused", ""),
    ("byte order mark refused", ""),
    ("UTF-16 refused", ""),
    ("bad UTF-8 in an unknown field refused", ""),
    ("trailing NUL refused", ""),
    ("{}{} refused", "{}{}"),
    ("unknown array 10^6 deep refused", ""),
    ("known field nested over 128 refused", ""),
    ("unknown field nested 128 deep", ""),
    ("9 MiB of spaces refused", ""),
    ("9 MiB of spaces read by from_json", ""),
    ("balance above cap", ""),
    ("negative balance", ": -"),
    ("cap 0", r#""cap": 0"#),
    ("i64::MAX in 10,000 rules", ": 9223372036854775807"),
    ("sum beyond i64::MAX", ": 9223372036854775807"),
    ("1,001 sources", ""),
    ("11 rules", ""),
    ("empty object", "{}"),
    ("none of a balance's fields", "status"),
    ("array instead of the reply refused", "[]"),
    ("array instead of a pool refused", "[850, 1000]"),
    ("object instead of a list refused", "{}"),
    ("text instead of an object refused", ""),
    ("number instead of a text refused", ""),
    ("error body with status 200 refused", r#""message""#),
    ("error's field next to known ones", r#""message""#),
    ("HTML with status 200 refused", "<"),
    ("empty body refused", ""),
    ("JSON cut short refused", ""),
    ("server text with control characters", "\\u001b"),
    ("error never echoes the reply", ""),
];

/// Properties of decisions, each with the end of a line that shows it, or without.
pub(crate) const DECISIONS: &[(&str, &str)] = &[
    ("yes", "answer=YES"),
    ("no", "answer=NO"),
    ("unknown", "answer=UNKNOWN"),
    ("pools bind", "binding=POOLS"),
    ("rules bind", "binding=RULES"),
    ("nothing binds", "binding=NOTHING"),
    ("cost refused", "error.setting=cost"),
    ("unit_cost refused", "error.setting=unit_cost"),
    ("wanted refused", "error.setting=wanted"),
    ("affordable at a reset", ""),
    ("equality", ""),
    ("zero", ""),
    ("day within month", ""),
    ("unlisted top-up", ""),
    ("unlisted recurring", ""),
    ("unknown period", ""),
    ("no breakdown", ""),
    ("pool without a balance", ""),
    ("absent rule balance", " has no balance"),
    ("source without rules", " has no rules"),
    ("overdue reset", "should have reset at 2026-06-24T00:00:00Z"),
    ("no instant", ""),
    ("cut list", " and may be cut"),
    ("negative balance", ""),
    ("sum saturates", ""),
    ("absent cap", ""),
    ("reset lowers", ""),
    ("NO_PERIOD with a reset date", ""),
    ("text escaped", r"\x5cu{202e}txt allows 1; no known reset brings it"),
    ("cap 0", ""),
];

/// The questions that a runner answers.
pub(crate) const QUESTIONS: &[&str] =
    &["spendable", "spendable_at", "can_afford", "affordable", "next_reset", "next_reset_after"];

/// Properties of a balance's text, each with the part of the text that shows it.
pub(crate) const SHOWN: &[(&str, &str)] = &[
    ("a pool without a cap", " of unknown"),
    ("control characters escaped", r"\x5cu{1b}"),
    ("no pool", ": none"),
    ("no field of a balance", "base URL"),
    ("reset date", ", resets "),
];
