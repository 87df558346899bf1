use super::*;
use crate::protocol::{
    Adjust, ClockChange, Fault, Grant, INSTANTS, JournalQuery, KeyChange, Limit, Nothing, Reset, ScenarioChoice, Spend,
    State,
};

/// The pointer and the message of the error.
fn wrong<T: DeserializeOwned>(json: &str) -> (String, String) {
    match read::<T>(json) {
        Ok(_) => panic!("{json} is accepted"),
        Err(error) => {
            assert_eq!((error.status, error.problem.code.as_str()), (400, "invalid_request"), "{json}");
            (error.problem.pointer.unwrap(), error.problem.message)
        }
    }
}

fn pointer<T: DeserializeOwned>(json: &str) -> String {
    wrong::<T>(json).0
}

#[test]
fn blanks_are_an_empty_object() {
    for json in ["", " \r\n", "{}", " { } "] {
        read::<Nothing>(json).unwrap();
    }
}

#[test]
fn each_error_points_at_its_place() {
    assert_eq!(pointer::<Spend>(r#"{"cots":5}"#), "/cots");
    assert_eq!(pointer::<Spend>(r#"{}"#), "/cost");
    assert_eq!(pointer::<Spend>(r#"{"cost":"5"}"#), "/cost");
    assert_eq!(pointer::<Spend>(r#"{"cost":5,"cost":5}"#), "/cost");
    assert_eq!(pointer::<Spend>("[]"), "");
    assert_eq!(pointer::<Spend>("null"), "");
    assert_eq!(
        pointer::<Grant>(r#"{"rules":[{"period":"DAY","cap":1},{"period":"DAY","cap":1,"a/b~c":1}]}"#),
        "/rules/1/a~1b~0c"
    );
    assert_eq!(pointer::<Grant>(r#"{"rules":[{"period":"DAY","cap":1},["DAY",1]]}"#), "/rules/1");
    assert_eq!(pointer::<Grant>(r#"{"rules":[{"period":"DAY","cap":1,"reset_date":"soon"}]}"#), "/rules/0/reset_date");
    assert_eq!(pointer::<Adjust>(r#"{"allocation":"a","omit":["balance","nothing"]}"#), "/omit/1");
    assert_eq!(pointer::<Fault>(r#"{"match":{"route":"other"}}"#), "/match/route");
    assert_eq!(pointer::<Fault>(r#"{"reply":{"headers":[["a","b"],["a"]]}}"#), "/reply/headers/1");
    assert_eq!(pointer::<Fault>(r#"{"reply":{"headers":[["a","b","c"]]}}"#), "/reply/headers/0");
    assert_eq!(
        pointer::<Reset>(r#"{"scenario":{"version":1,"accounts":[{"account":"a","sites":[{"side":"s"}]}]}}"#),
        "/scenario/accounts/0/sites/0/side"
    );
    assert_eq!(pointer::<Reset>(r#"{"scenario":7}"#), "/scenario");
    assert_eq!(pointer::<State>(r#"{"version":1,"clock":{"mode":"sometimes"}}"#), "/clock/mode");
}

#[test]
fn a_message_has_the_words_of_json_and_no_text_of_the_request() {
    let cases = [
        (
            wrong::<Spend>(r#"{"cost":"IST.secret"}"#),
            "this is text, and must be a whole number from -9223372036854775808 to 9223372036854775807",
        ),
        (
            wrong::<Spend>(r#"{"cost":1.5}"#),
            "this is the number 1.5, with a point or an exponent, and must be a whole number from -9223372036854775808 to \
             9223372036854775807",
        ),
        (
            wrong::<Spend>(r#"{"cost":1.0}"#),
            "this is the number 1.0, with a point or an exponent, and must be a whole number from -9223372036854775808 to \
             9223372036854775807",
        ),
        (wrong::<KeyChange>(r#"{"name":"a","secret":12345678}"#), "this is a number, and must be text"),
        (wrong::<Fault>(r#"{"reply":{"headers":[["a","b","c"]]}}"#), "this has 3 elements, and must be an array of 2"),
        (wrong::<ClockChange>(r#"{"now":"IST.secret"}"#), INSTANTS),
        (wrong::<ClockChange>(r#"{"now":"9999-12-31T00:00:00Z"}"#), INSTANTS),
        (wrong::<ClockChange>(r#"{"now":"0000-12-31T23:59:59Z"}"#), INSTANTS),
        (wrong::<Grant>(r#"{"rules":[{"period":"DAY","cap":1,"reset_date":"IST.secret"}]}"#), INSTANTS),
        (
            wrong::<JournalQuery>(r#"{"status":70000}"#),
            "this is the number 70000, and must be a whole number from 0 to 65535",
        ),
        (
            wrong::<JournalQuery>(r#"{"after":-1}"#),
            "this is the number -1, and must be a whole number from 0 to 18446744073709551615",
        ),
        (wrong::<Grant>(r#"{"rules":{}}"#), "this is an object, and must be an array"),
        (wrong::<Grant>(r#"{"rules":[],"site":true}"#), "this is true, and must be text"),
        (wrong::<Fault>(r#"{"connect":"IST.secret"}"#), "this must be one of `close`, `reset`, `mute`"),
        (wrong::<Fault>(r#"{"connect":["mute"]}"#), "this is an array, and must be text"),
        (wrong::<Nothing>(r#"{"IST.secret":1}"#), "there is no such member: the object must be empty"),
        (wrong::<Limit>(r#"{}"#), "this member is missing"),
        (wrong::<Reset>(r#"{"scenario":[]}"#), "this is an array, and must be the name of a scenario, or one"),
        (wrong::<Spend>(r#"{"cost":1e400}"#), "number out of range"),
        (wrong::<Spend>(r#"{"cost":5"#), "this is not valid JSON: EOF while parsing an object at line 1 column 9"),
    ];
    for ((_, message), expected) in cases {
        assert_eq!(message, expected);
    }
}

/// A key in the place of a name is not repeated by the pointer.
#[test]
fn a_pointer_has_a_mistyped_name_and_no_key() {
    assert_eq!(pointer::<Nothing>(r#"{"mistyped":1}"#), "/mistyped");
    for key in ["IST.secret", "0a1b2c3d-0000-4000-8000-00000000acc0"] {
        assert_eq!(pointer::<Reset>(&format!(r#"{{"scenario":{{"version":1,"{key}":1}}}}"#)), "/scenario");
    }
}

#[test]
fn a_choice_is_a_name_or_an_object() {
    assert_eq!(read::<ScenarioChoice>("\"free-plan\"").unwrap(), "free-plan".into());
    assert_eq!(read::<ScenarioChoice>("\"free\\u002dplan\"").unwrap(), "free-plan".into());
    assert!(matches!(read::<ScenarioChoice>(r#"{"version":1}"#).unwrap(), ScenarioChoice::Whole(_)));
}

#[test]
fn null_limit_is_a_limit_and_an_absent_one_is_an_error() {
    assert_eq!(read::<Limit>(r#"{"per_minute":null}"#).unwrap(), Limit::default());
    assert_eq!(pointer::<Limit>(r#"{"key":"example"}"#), "/per_minute");
}
