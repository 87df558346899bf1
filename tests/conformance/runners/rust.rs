//! The Rust runner of the conformance suite: through the public API alone, one accessor for each value.

use std::io::{self, BufRead, Write};
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aicredits::{
    Affordability, Answer, Attempt, Balance, Binding, Call, Cancel, ClientBuilder, Credits, Error, ErrorKind,
    FeaturePeriod, Scope, Timestamp,
};

mod rust_gate;

fn main() -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut asked = Asked::default();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let asked_so_far = mem::take(&mut asked);
        if let Some((name, value)) = line.split_once('=') {
            asked = asked_so_far.with(name, value);
            continue;
        }
        let questions = asked_so_far.questions.clone();
        match asked_so_far.answer() {
            Ok(balance) => {
                print_balance(&mut out, &balance)?;
                questions.iter().try_for_each(|question| print_decision(&mut out, &balance, question))?;
            }
            Err(error) => print_error(&mut out, &error)?,
        }
        writeln!(out, "end")?;
        out.flush()?;
    }
    Ok(())
}

#[derive(Default)]
struct Asked {
    client: ClientBuilder,
    call: Call,
    /// Not empty if the balance is read through a gate.
    gate: Vec<(String, String)>,
    json: Option<Vec<u8>>,
    is_closed: bool,
    questions: Vec<String>,
}

impl Asked {
    fn with(mut self, name: &str, value: &str) -> Self {
        if let Some(name) = name.strip_prefix("gate.") {
            self.gate.push((name.to_owned(), text(value)));
            return self;
        }
        match name.strip_prefix("call.") {
            Some(name) => Self { call: with_call_setting(self.call, name, value), ..self },
            None if name == "from_json" => Self { json: Some(decoded(value)), ..self },
            None if name == "closed" => Self { is_closed: true, ..self },
            None if name == "decide" => {
                let questions = self.questions.into_iter().chain([text(value)]).collect();
                Self { questions, ..self }
            }
            None => Self { client: with_setting(self.client, name, value), ..self },
        }
    }

    fn answer(self) -> Result<Balance, Error> {
        if let Some(json) = self.json {
            return Balance::from_json(json);
        }
        let client = self.client.build()?;
        if self.is_closed {
            client.close();
        }
        match self.gate.is_empty() {
            true => client.get_balance_with(&self.call),
            false => rust_gate::read(&client, &self.gate, &self.call),
        }
    }
}

fn with_setting(client: ClientBuilder, name: &str, value: &str) -> ClientBuilder {
    match name {
        "api_key" => client.api_key(text(value)),
        "authorization" => client.authorization(text(value)),
        "credential_provider" => {
            let values: Vec<String> = value.split(',').map(text).collect();
            let asked = AtomicUsize::new(0);
            // In order, and then the last one again.
            let next = move || values[asked.fetch_add(1, Ordering::Relaxed).min(values.len() - 1)].clone();
            client.credential_provider(move || Ok(next()))
        }
        "credential_provider_failure" => {
            let reason = text(value);
            client.credential_provider(move || Err(reason.clone().into()))
        }
        "account_id" => client.account(text(value)),
        "site_id" => client.site(text(value)),
        "account_and_site_ids" => client.scope(account_and_site(value)),
        "credential_scope" => client.scope(Scope::Credential),
        "per_call_scope" => client.per_call_scope(),
        "base_url" => client.base_url(text(value)),
        "allow_insecure_http" => client.allow_insecure_http(value == "1"),
        "timeout_ms" => client.timeout(Duration::from_millis(number(value))),
        "max_reply_bytes" => client.max_reply_bytes(number(value) as usize),
        "max_retries" => client.max_retries(number(value) as u32),
        "max_concurrency" => client.max_concurrency(number(value) as u32),
        "ca_file" => client.ca_file(text(value)),
        "ca_pem" => client.ca_pem(decoded(value)),
        "proxy" => client.proxy(text(value)),
        "proxy_from_env" => client.proxy_from_env(value == "1"),
        "name" => client.name(text(value)),
        "from_env" => client.from_env(),
        _ => panic!("no setting is called {name}"),
    }
}

fn with_call_setting(call: Call, name: &str, value: &str) -> Call {
    match name {
        "account_id" => call.account(text(value)),
        "site_id" => call.site(text(value)),
        "account_and_site_ids" => call.scope(account_and_site(value)),
        "credential_scope" => call.scope(Scope::Credential),
        "timeout_ms" => call.timeout(Duration::from_millis(number(value))),
        "cancelled" => {
            let cancel = Cancel::new();
            cancel.cancel();
            call.cancelled_by(&cancel)
        }
        _ => panic!("no setting of a call is called {name}"),
    }
}

fn account_and_site(value: &str) -> Scope {
    let (account, site) = value.split_once(',').expect("two ids");
    Scope::AccountAndSite { account: text(account), site: text(site) }
}

fn number(value: &str) -> u64 {
    value.parse().expect("a number")
}

fn text(value: &str) -> String {
    String::from_utf8(decoded(value)).expect("UTF-8")
}

/// Decodes percent-encoding.
fn decoded(value: &str) -> Vec<u8> {
    let mut parts = value.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (code, plain) = part.split_at(2);
        bytes.push(u8::from_str_radix(code, 16).expect("two hexadecimal digits"));
        bytes.extend_from_slice(plain.as_bytes());
    }
    bytes
}

fn print_balance(out: &mut impl Write, balance: &Balance) -> io::Result<()> {
    print_credits(out, "periodicCredits", balance.periodic_credits())?;
    print_credits(out, "topUpCredits", balance.top_up_credits())?;
    let sources = balance.credit_balance_breakdown();
    print_length(out, "creditBalanceBreakdown", sources.len())?;
    for (i, source) in sources.enumerate() {
        let source_name = format!("creditBalanceBreakdown[{i}]");
        print_text(out, &source_name, "subscriptionId", source.subscription_id())?;
        let rules = source.usage_rules();
        print_length(out, &format!("{source_name}.usageRules"), rules.len())?;
        for (j, rule) in rules.enumerate() {
            let name = format!("{source_name}.usageRules[{j}]");
            if let Some(period) = rule.period() {
                let known = if let FeaturePeriod::Unknown(_) = period { "UNKNOWN" } else { period.as_str() };
                writeln!(out, "{name}.period={known}")?;
            }
            print_text(out, &name, "periodText", rule.period().map(FeaturePeriod::as_str))?;
            print_count(out, &name, "balance", rule.balance())?;
            print_count(out, &name, "cap", rule.cap())?;
            print_instant(out, &format!("{name}.resetDate"), rule.reset_date())?;
        }
    }
    if let Some(available) = balance.available() {
        writeln!(out, "available={available}")?;
    }
    if !balance.is_recognized() {
        writeln!(out, "isRecognized=false")?;
    }
    print_scope(out, "scope", balance.scope())?;
    if let Some(id) = balance.request_id() {
        writeln!(out, "requestId={}", escaped(id))?;
    }
    print_instant(out, "fetchedAt", balance.fetched_at())?;
    print_instant(out, "serverDate", balance.server_date())?;
    writeln!(out, "json={}", escaped(balance.json()))?;
    writeln!(out, "shown={}", escaped(&balance.to_string()))
}

fn print_credits(out: &mut impl Write, name: &str, credits: Option<Credits>) -> io::Result<()> {
    let Some(credits) = credits else { return Ok(()) };
    writeln!(out, "{name}=present")?;
    print_count(out, name, "balance", credits.balance())?;
    print_count(out, name, "cap", credits.cap())
}

fn print_decision(out: &mut impl Write, balance: &Balance, question: &str) -> io::Result<()> {
    writeln!(out, "decide={question}")?;
    let mut words = question.split(' ');
    let name = words.next().unwrap_or_default();
    let arguments: Vec<&str> = words.collect();
    let instant = |text: &str| text.parse::<Timestamp>().expect("an instant");
    match (name, arguments.as_slice()) {
        ("spendable", []) => print_named_count(out, "spendable", balance.spendable()),
        ("spendable_at", [at]) => print_named_count(out, "spendable", balance.spendable_at(instant(at))),
        ("next_reset", []) => print_instant(out, "nextReset", balance.next_reset()),
        ("next_reset_after", [after]) => print_instant(out, "nextReset", balance.next_reset_after(instant(after))),
        ("affordable", [unit_cost, wanted]) => match balance.affordable(number(unit_cost), number(wanted)) {
            Ok(count) => count.map_or(Ok(()), |count| writeln!(out, "affordable={count}")),
            Err(error) => print_refusal(out, &error),
        },
        ("can_afford", [cost]) => match balance.can_afford(number(cost)) {
            Ok(affordability) => print_affordability(out, &affordability),
            Err(error) => print_refusal(out, &error),
        },
        _ => panic!("no question is {question}"),
    }
}

fn print_affordability(out: &mut impl Write, affordability: &Affordability<'_>) -> io::Result<()> {
    let answer = match affordability.answer() {
        Answer::Yes => "YES",
        Answer::No => "NO",
        Answer::Unknown => "UNKNOWN",
        _ => "an answer that this runner does not know",
    };
    writeln!(out, "answer={answer}")?;
    writeln!(out, "isYes={}", affordability.is_yes())?;
    writeln!(out, "cost={}", affordability.cost())?;
    print_named_count(out, "spendable", affordability.spendable())?;
    print_named_count(out, "available", affordability.available())?;
    if let Some(shortfall) = affordability.shortfall() {
        writeln!(out, "shortfall={shortfall}")?;
    }
    match affordability.binding() {
        Binding::Pools => writeln!(out, "binding=POOLS")?,
        Binding::Rules(rules) => {
            writeln!(out, "binding=RULES")?;
            for (source, rule) in rules {
                writeln!(out, "bindingRule={source},{rule}")?;
            }
        }
        _ => writeln!(out, "binding=NOTHING")?,
    }
    print_instant(out, "affordableAt", affordability.affordable_at())?;
    writeln!(out, "text={}", escaped(&affordability.to_string()))
}

fn print_refusal(out: &mut impl Write, error: &Error) -> io::Result<()> {
    writeln!(out, "error.kind={}", kind(error.kind()))?;
    print_text(out, "error", "setting", error.setting())?;
    writeln!(out, "error.message={}", escaped(error.message()))
}

fn print_named_count(out: &mut impl Write, name: &str, count: Option<i64>) -> io::Result<()> {
    count.map_or(Ok(()), |count| writeln!(out, "{name}={count}"))
}

fn print_error(out: &mut impl Write, error: &Error) -> io::Result<()> {
    writeln!(out, "error.kind={}", kind(error.kind()))?;
    if let Some(status) = error.http_status() {
        writeln!(out, "error.httpStatus={status}")?;
    }
    print_text(out, "error", "code", error.code())?;
    print_text(out, "error", "description", error.description())?;
    let violations = error.field_violations();
    print_length(out, "error.fieldViolations", violations.len())?;
    for (i, violation) in violations.iter().enumerate() {
        let name = format!("error.fieldViolations[{i}]");
        print_text(out, &name, "field", Some(violation.field()))?;
        print_text(out, &name, "description", Some(violation.description()))?;
        print_text(out, &name, "violatedRule", violation.violated_rule())?;
    }
    print_text(out, "error", "setting", error.setting())?;
    print_scope(out, "error.scope", error.scope())?;
    print_text(out, "error", "requestId", error.request_id())?;
    if let Some(wait) = error.retry_after() {
        writeln!(out, "error.retryAfterMs={}", wait.as_millis())?;
    }
    print_attempts(out, error.attempts())?;
    writeln!(out, "error.message={}", escaped(error.message()))
}

fn print_attempts(out: &mut impl Write, attempts: &[Attempt]) -> io::Result<()> {
    print_length(out, "error.attempts", attempts.len())?;
    for (i, attempt) in attempts.iter().enumerate() {
        let name = format!("error.attempts[{i}]");
        writeln!(out, "{name}.phase={}", attempt.phase().name().to_ascii_uppercase())?;
        writeln!(out, "{name}.durationNs={}", attempt.duration().as_nanos())?;
        print_count(out, &name, "httpStatus", attempt.http_status().map(i64::from))?;
        print_text(out, &name, "requestId", attempt.request_id())?;
    }
    Ok(())
}

fn kind(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidArgument => "INVALID_ARGUMENT",
        ErrorKind::Unauthorized => "UNAUTHORIZED",
        ErrorKind::Forbidden => "FORBIDDEN",
        ErrorKind::NotFound => "NOT_FOUND",
        ErrorKind::BadRequest => "BAD_REQUEST",
        ErrorKind::RateLimited => "RATE_LIMITED",
        ErrorKind::Server => "SERVER",
        ErrorKind::Network => "NETWORK",
        ErrorKind::Tls => "TLS",
        ErrorKind::Protocol => "PROTOCOL",
        ErrorKind::Decode => "DECODE",
        ErrorKind::TooLarge => "TOO_LARGE",
        ErrorKind::Timeout => "TIMEOUT",
        ErrorKind::Cancelled => "CANCELLED",
        ErrorKind::Closed => "CLOSED",
        ErrorKind::Denied => "DENIED",
        ErrorKind::Panic => "PANIC",
        ErrorKind::Unexpected => "UNEXPECTED",
        _ => "a kind that this runner does not know",
    }
}

fn print_scope(out: &mut impl Write, name: &str, scope: Option<&Scope>) -> io::Result<()> {
    let Some(scope) = scope else { return Ok(()) };
    let kind = match scope {
        Scope::Account(_) => "ACCOUNT",
        Scope::Site(_) => "SITE",
        Scope::AccountAndSite { .. } => "ACCOUNT_AND_SITE",
        Scope::Credential => "CREDENTIAL",
    };
    writeln!(out, "{name}={kind}")?;
    print_text(out, name, "accountId", scope.account_id())?;
    print_text(out, name, "siteId", scope.site_id())
}

/// An empty list prints nothing, as any absent value.
fn print_length(out: &mut impl Write, name: &str, length: usize) -> io::Result<()> {
    if length == 0 { Ok(()) } else { writeln!(out, "{name}.length={length}") }
}

fn print_text(out: &mut impl Write, owner: &str, name: &str, text: Option<&str>) -> io::Result<()> {
    text.map_or(Ok(()), |text| writeln!(out, "{owner}.{name}={}", escaped(text)))
}

fn print_count(out: &mut impl Write, owner: &str, name: &str, count: Option<i64>) -> io::Result<()> {
    count.map_or(Ok(()), |count| writeln!(out, "{owner}.{name}={count}"))
}

fn print_instant(out: &mut impl Write, name: &str, instant: Option<Timestamp>) -> io::Result<()> {
    let Some(instant) = instant else { return Ok(()) };
    writeln!(out, "{name}={}.{:09}", instant.unix_seconds(), instant.subsec_nanoseconds())
}

/// One line of printable ASCII.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'\\' => out += "\\x5c",
            b' '..=b'~' => out.push(char::from(byte)),
            _ => out += &format!("\\x{byte:02x}"),
        }
    }
    out
}
