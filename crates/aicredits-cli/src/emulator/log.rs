//! `--log`: a line for each request.

use aicredits_emulator::{Ended, Entry};

use crate::output::note_raw;

/// Prints the request to standard error. An entry of the journal has no secret.
pub(super) fn print(entry: &Entry) {
    note_raw(&line(entry));
}

fn line(entry: &Entry) -> String {
    let named =
        |name: &str, value: &Option<String>| value.as_ref().map_or(String::new(), |value| format!(" {name}={value}"));
    let status = entry.status.map_or("no status".to_owned(), |status| status.to_string());
    let time = entry.replied_ms.map_or(0, |replied| replied.saturating_sub(entry.arrived_ms));
    let ended = match entry.ended {
        Some(Ended::Cut) => ", cut",
        Some(Ended::Gone) => ", the client left",
        _ => "",
    };
    let fault = entry.fault.as_ref().map_or(String::new(), |fault| format!(", fault {fault}"));
    let (key, account, site) = (named("key", &entry.key), named("account", &entry.account), named("site", &entry.site));
    let (n, method, target) = (entry.n, &entry.method, &entry.target);
    let line = format!("#{n} {method} {target}{key}{account}{site}: {status} in {time} ms{fault}{ended}");
    format!("{}\n", aicredits::escape_for_display(&line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_all_that_matters_and_stays_one_line() {
        let mut entry = Entry {
            n: 3,
            arrived_ms: 10,
            replied_ms: Some(14),
            method: "POST".into(),
            target: "/a\u{1b}[2J".into(),
            key: Some("example".into()),
            account: Some("0a1b\n".into()),
            status: Some(503),
            fault: Some("f1".into()),
            ended: Some(Ended::Cut),
            ..Entry::default()
        };
        assert_eq!(line(&entry), "#3 POST /a\\u{1b}[2J key=example account=0a1b\\n: 503 in 4 ms, fault f1, cut\n");
        entry = Entry { status: None, ended: Some(Ended::Gone), fault: None, site: Some("s".into()), ..entry };
        assert!(line(&entry).ends_with(" site=s: no status in 4 ms, the client left\n"), "{}", line(&entry));
    }
}
