//! The large scenarios: one account with 1,000 sites, and one at the limits of the API's page. As files, they would be the
//! larger part of the emulator.

/// The account of the page's example, so that a client needs no other settings.
const ACCOUNT: &str = "0a1b2c3d-0000-4000-8000-00000000acc0";
/// A week before the first of July, as in the page's example.
const CLOCK: &str = r#"{"mode": "frozen", "now": "2026-06-24T00:00:00Z"}"#;

/// The first site is the one of the page's example.
fn site(number: usize) -> String {
    match number {
        0 => "0a1b2c3d-0000-4000-8000-00000000517e".to_owned(),
        _ => format!("0a1b2c3d-0000-4000-8000-0000517e{number:04}"),
    }
}

pub(super) fn agency() -> String {
    let about = "An agency: an account with 1,000 sites. Each site has its own subscription, some are almost used up, and \
                 every tenth is a free plan. The account has top-up credits.";
    let sites = (0..1000).map(|number| format!(r#"{{"site": "{}", "label": "Site {:04}"}}"#, site(number), number + 1));
    let of_site = |number: usize| {
        let rules = if number % 10 == 9 {
            let left = number * 7 % 31;
            format!(
                r#"{{"period": "DAY", "balance": {left}, "cap": 30}}, {{"period": "MONTH", "balance": {}, "cap": 120}}"#,
                left + number * 13 % 91
            )
        } else {
            let cap = [100, 500, 1000][number % 3];
            format!(r#"{{"period": "MONTH", "balance": {}, "cap": {cap}}}"#, number * 37 % (cap + 1))
        };
        format!(
            r#"{{"allocation": "site-{:04}", "subscription": "5b5c0000-0000-4000-8000-00000000{number:04}", "site": "{}", "rules": [{rules}]}}"#,
            number + 1,
            site(number)
        )
    };
    let top_up = r#"{"allocation": "top-up", "rules": [{"period": "NO_PERIOD", "balance": 500, "cap": 500}]}"#;
    let allocations = (0..1000).map(of_site).chain([top_up.to_owned()]);
    let ten: Vec<String> = (0..10).map(|number| format!("\"{}\"", site(number))).collect();
    let keys = [
        format!(
            r#"{{"name": "example", "secret": "IST.emulator-example-api-key-not-a-secret", "accounts": ["{ACCOUNT}"], "sites": ["{}"]}}"#,
            site(0)
        ),
        format!(
            r#"{{"name": "site-only", "secret": "IST.emulator-example-site-key-not-a-secret", "sites": ["{}"]}}"#,
            site(0)
        ),
        format!(r#"{{"name": "ten-sites", "sites": [{}]}}"#, ten.join(", ")),
        r#"{"name": "old", "revoked": true}"#.to_owned(),
    ];
    scenario(about, "Agency", sites, allocations, keys)
}

pub(super) fn at_the_limits() -> String {
    let about = "The largest balance that the API's page allows: 1,000 allocations with 10 rules each.";
    let sites = [format!(r#"{{"site": "{}"}}"#, site(0))];
    let rules = |number: usize| {
        let periods = ["SECOND", "MINUTE", "HOUR", "DAY", "DAY", "WEEK", "WEEK", "MONTH", "MONTH", "YEAR"];
        let rule = |(index, period): (usize, &str)| {
            let cap = 10 * (index + 1);
            format!(r#"{{"period": "{period}", "balance": {}, "cap": {cap}}}"#, (number + index) % (cap + 1))
        };
        periods.into_iter().enumerate().map(rule).collect::<Vec<_>>().join(", ")
    };
    let allocation = |number: usize| format!(r#"{{"allocation": "{:04}", "rules": [{}]}}"#, number + 1, rules(number));
    let keys = [format!(
        r#"{{"name": "example", "secret": "IST.emulator-example-api-key-not-a-secret", "accounts": ["{ACCOUNT}"], "sites": ["{}"]}}"#,
        site(0)
    )];
    scenario(about, "At the limits", sites, (0..1000).map(allocation), keys)
}

/// A site, an allocation or a key is one line.
fn scenario(
    about: &str,
    label: &str,
    sites: impl IntoIterator<Item = String>,
    allocations: impl IntoIterator<Item = String>,
    keys: impl IntoIterator<Item = String>,
) -> String {
    let list = |lines: Vec<String>, indent: &str| {
        let lines: Vec<_> = lines.into_iter().map(|line| format!("{indent}  {line}")).collect();
        format!("[\n{}\n{indent}]", lines.join(",\n"))
    };
    let sites = list(sites.into_iter().collect(), "      ");
    let allocations = list(allocations.into_iter().collect(), "      ");
    let keys = list(keys.into_iter().collect(), "  ");
    format!(
        r#"{{
  "version": 1,
  "about": "{about}",
  "clock": {CLOCK},
  "accounts": [
    {{
      "account": "{ACCOUNT}",
      "label": "{label}",
      "sites": {sites},
      "allocations": {allocations}
    }}
  ],
  "keys": {keys}
}}
"#
    )
}
