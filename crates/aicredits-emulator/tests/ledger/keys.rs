//! Keys: what `key` adds and changes.

use crate::ledger::*;
use aicredits_emulator::{Emulator, Key, KeyChange, Nothing};

/// The secret that is made for the key `one`.
const MADE: &str = "IST.emulator-one-34ff64fb91523028-not-a-secret";

fn change(name: &str) -> KeyChange {
    KeyChange { name: name.into(), ..KeyChange::default() }
}

fn keys(emulator: &Emulator) -> Vec<Key> {
    emulator.state(&Nothing {}).unwrap().keys
}

#[test]
fn a_key_is_added_or_changed_by_its_name() {
    let emulator = with([]);
    let texts = |texts: &[&str]| Some(texts.iter().map(ToString::to_string).collect());
    let added = emulator.key(&KeyChange { accounts: texts(&["a"]), sites: texts(&["u"]), ..change("one") }).unwrap();
    assert_eq!((added.name.as_str(), &*added.secret), ("one", MADE));
    let changed = emulator.key(&KeyChange { sites: texts(&[]), carries_context: Some(true), ..change("one") }).unwrap();
    assert_eq!(changed, added);
    let expected = Key {
        name: "one".into(),
        secret: added.secret,
        accounts: vec!["a".into()],
        carries_context: true,
        ..Key::default()
    };
    assert_eq!(keys(&emulator), [expected]);
    let replaced = emulator.key(&KeyChange { secret: Some("IST.new".into()), ..change("one") }).unwrap();
    assert_eq!(&*replaced.secret, "IST.new");
    // The old secret is free again.
    emulator.key(&KeyChange { secret: Some(MADE.into()), ..change("two") }).unwrap();
    assert_eq!(keys(&emulator).len(), 2);
}

#[test]
fn a_made_secret_fits_into_a_header_and_is_unique() {
    let emulator = with([]);
    let secret = |name| emulator.key(&change(name)).unwrap().secret.to_string();
    assert_eq!(secret("one"), MADE);
    let (first, second) = (secret("a b"), secret("a-b"));
    assert!(first.starts_with("IST.emulator-a-b-") && second.starts_with("IST.emulator-a-b-"));
    assert_ne!(first, second);
    assert!(secret("schlüssel\u{1f511}").starts_with("IST.emulator-schl-ssel--"));
    // A secret that another key has is not made again.
    emulator.key(&KeyChange { secret: Some("IST.one".into()), ..change("one") }).unwrap();
    emulator.key(&KeyChange { secret: Some(MADE.into()), ..change("two") }).unwrap();
    emulator.key(&KeyChange { secret: Some(second.clone().into()), ..change("three") }).unwrap_err();
}

#[test]
fn a_wrong_key_is_refused_by_its_member() {
    let emulator = with([]);
    emulator.key(&KeyChange { secret: Some("IST.one".into()), ..change("one") }).unwrap();
    let wrong = |key: KeyChange| refused(emulator.key(&key));
    let secret = |secret: &str| KeyChange { secret: Some(secret.into()), ..change("two") };
    let texts = |text: &str| Some(vec!["a".to_owned(), text.to_owned()]);
    let invalid = |pointer| error(400, "invalid_request", pointer);
    assert_eq!(wrong(change("")), invalid("/name"));
    assert_eq!(wrong(change("unknown")), invalid("/name"));
    assert_eq!(wrong(change("a\nb")), invalid("/name"));
    assert_eq!(wrong(secret("")), invalid("/secret"));
    assert_eq!(wrong(secret(" IST.one")), invalid("/secret"));
    assert_eq!(wrong(secret("IST.\r\nx")), invalid("/secret"));
    assert_eq!(wrong(secret("IST.one")), error(409, "secret_taken", "/secret"));
    let accounts = KeyChange { accounts: texts("c"), ..change("two") };
    assert_eq!(wrong(accounts), error(404, "unknown_account", "/accounts/1"));
    let sites = KeyChange { sites: Some(vec!["s".into(), "a".into()]), ..change("two") };
    assert_eq!(wrong(sites), error(404, "unknown_site", "/sites/1"));
    let message = emulator.key(&secret("IST.one")).unwrap_err().to_string();
    assert!(!message.contains("IST."), "{message}");
    assert_eq!(keys(&emulator).len(), 1);
}
