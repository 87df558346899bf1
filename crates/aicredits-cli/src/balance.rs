//! `aicredits balance`.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use aicredits::{Client, Scope};

use crate::args::{self, EMULATOR_RECIPE};
use crate::environment::variable;
use crate::exit::{Exit, Failure};
use crate::output::{print, print_raw, width};
use crate::render;

/// Longer than any key; the client then refuses it by its length.
const MAX_KEY_FILE_BYTES: u64 = 64 << 10;

pub(crate) fn run(args: &args::Balance) -> Result<(), Failure> {
    let balance = client(args)?.get_balance()?;
    if args.json {
        return print_json(balance.json());
    }
    let now = balance.server_date().or(balance.fetched_at());
    print(&render::balance(&balance, now, width()))
}

fn client(args: &args::Balance) -> Result<Client, Failure> {
    let mut builder = Client::builder().from_env();
    builder = match &args.api_key_file {
        Some(file) => builder.api_key(read_key(file)?),
        None if is_set("WIX_API_KEY") => builder,
        None => return Err(no_key()),
    };
    builder = match scope(args) {
        Some(scope) => builder.scope(scope),
        None => match (is_set("WIX_ACCOUNT_ID"), is_set("WIX_SITE_ID")) {
            (true, false) | (false, true) => builder,
            (false, false) => return Err(no_scope("neither WIX_ACCOUNT_ID nor WIX_SITE_ID is set")),
            (true, true) => return Err(no_scope("WIX_ACCOUNT_ID and WIX_SITE_ID are both set")),
        },
    };
    if let Some(url) = &args.base_url {
        builder = builder.base_url(url);
    }
    if let Some(timeout) = args.timeout {
        builder = builder.timeout(timeout);
    }
    Ok(builder.build()?)
}

fn scope(args: &args::Balance) -> Option<Scope> {
    match (args.account.clone(), args.site.clone()) {
        (None, None) => None,
        (Some(account), None) => Some(Scope::Account(account)),
        (None, Some(site)) => Some(Scope::Site(site)),
        (Some(account), Some(site)) => Some(Scope::AccountAndSite { account, site }),
    }
}

fn is_set(name: &str) -> bool {
    variable(name).is_some()
}

fn no_key() -> Failure {
    Failure::new(Exit::Configuration, "no API key").with_advice(format!(
        "Set WIX_API_KEY, or name a file that holds the key with --api-key-file FILE (- is standard input).\n\n\
             To try this without an account, start the emulator from your shell (sh, bash or zsh):\n\n  {}",
        EMULATOR_RECIPE.join("\n  ")
    ))
}

fn no_scope(fault: &str) -> Failure {
    let advice = "name an account with --account ID, or a site with --site ID";
    Failure::new(Exit::Configuration, format!("whose credits? {fault}; {advice}"))
}

fn read_key(file: &Path) -> Result<String, Failure> {
    let from_stdin = file.as_os_str() == "-";
    let name = if from_stdin { "standard input".into() } else { aicredits::shown(&file.to_string_lossy()) };
    let failed = |error: io::Error| Failure::new(Exit::Configuration, format!("no API key from {name}: {error}"));

    let source: &mut dyn Read =
        if from_stdin { &mut io::stdin().lock() } else { &mut File::open(file).map_err(failed)? };
    let mut key = String::new();
    source.take(MAX_KEY_FILE_BYTES).read_to_string(&mut key).map_err(failed)?;
    if key.ends_with('\n') {
        key.pop();
        if key.ends_with('\r') {
            key.pop();
        }
    }
    match key.is_empty() {
        true => Err(failed(io::Error::other("it is empty"))),
        false => Ok(key),
    }
}

fn print_json(json: &str) -> Result<(), Failure> {
    match io::stdout().is_terminal() {
        true => print_raw(render::json_for_terminal(json).as_bytes()),
        false => print_raw(json.as_bytes()),
    }
}
