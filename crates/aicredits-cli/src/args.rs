//! The arguments. Usage errors, help, completions and the man page are made from this definition.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum, ValueHint};

use crate::exit::{Exit, Failure};

/// Show what an account or a site has left of its Wix AI credits
#[derive(Debug, Parser)]
#[command(name = "aicredits", version, max_term_width = 100, after_long_help = environment_and_exit_codes())]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the balance
    ///
    /// Asks Wix for the AI credits of an account or a site. Shows the recurring and the top-up credits, then the same
    /// credits by source: each rule's remaining credits, its cap, and its next reset. Several rules of a source can
    /// apply together, such as a daily limit within a monthly one. You may then be able to spend less than the sum.
    ///
    /// "in 7 days" counts from the server's clock. Dates are in UTC.
    #[command(after_long_help = environment_and_exit_codes())]
    Balance(Balance),
    /// Run an emulator of the API, to try this without an account
    ///
    /// Serves the example account of Wix's documentation on a free port of this machine. Prints three lines for the
    /// environment of a client: WIX_API_KEY, WIX_ACCOUNT_ID and AICREDITS_BASE_URL. Then it closes its standard output
    /// and runs until SIGTERM, Ctrl-C or, with --with-stdin, the end of its input.
    ///
    /// It does not print WIX_SITE_ID, because a client with both ids needs a scope. The key has access to a site too:
    /// name it with --site.
    #[command(after_long_help = emulator_examples())]
    Emulator(Emulator),
    /// Print a script that completes this command's arguments
    ///
    /// Put this into ~/.bashrc, or with zsh into ~/.zshrc after compinit: source <(aicredits completions bash)
    ///
    /// Put this into ~/.config/fish/config.fish: aicredits completions fish | source
    Completions {
        /// The shell to complete in
        shell: Shell,
    },
    /// Print the manual page: aicredits man | man -l -
    Man,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Balance {
    /// Ask for this account; with --site, both ids are sent
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,

    /// Ask for this site; with --account, both ids are sent
    #[arg(long, value_name = "ID")]
    pub(crate) site: Option<String>,

    /// Read the API key from this file, or from standard input if it is -
    ///
    /// One line break at the end of the file is removed.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) api_key_file: Option<PathBuf>,

    /// Ask this server instead of Wix's
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) base_url: Option<String>,

    /// Timeout for the whole call, such as 5s, 500ms or 5 (seconds); default 35 s
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    pub(crate) timeout: Option<Duration>,

    /// The most retries of a failed call, 0 to 10; default 2
    ///
    /// Lost connections and the HTTP statuses 429, 500, 502, 503 and 504 are retried, within --timeout.
    #[arg(long, value_name = "COUNT")]
    pub(crate) max_retries: Option<u32>,

    /// Connect through this HTTP proxy instead of the environment's
    ///
    /// Such as http://proxy.example:3128, or https:// for a proxy that uses TLS. An empty URL means no proxy. All users of
    /// this machine can read a password in an argument: put it into https_proxy instead.
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) proxy: Option<String>,

    /// Connect to these hosts without a proxy: a list with commas, instead of no_proxy
    ///
    /// A host name includes its subdomains. A network is written as 10.0.0.0/8. A port can follow a name, as in
    /// example.com:8443. * means all hosts. An empty list means none.
    #[arg(long, value_name = "LIST")]
    pub(crate) no_proxy: Option<String>,

    /// Trust the certificate authorities in this PEM file, and no others
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) ca_file: Option<PathBuf>,

    /// Log connections, attempts and delays to standard error
    #[arg(long, short)]
    pub(crate) verbose: bool,

    /// How to print the balance
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Table)]
    pub(crate) output: Format,

    /// The same as --output json
    #[arg(long, conflicts_with = "output")]
    json: bool,
}

impl Balance {
    pub(crate) fn format(&self) -> Format {
        if self.json { Format::Json } else { self.output }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Text with bars, as wide as the terminal
    Table,
    /// One line for each rule (RFC 4180, with a header); the pools are repeated in each line
    Csv,
    /// The server's reply, byte for byte; on a terminal, control characters are escaped. An error is one JSON object on
    /// standard error
    Json,
}

/// Whether errors are printed as JSON. The arguments may be wrong, so they are not parsed for this.
pub(crate) fn ask_for_json(args: &[OsString]) -> bool {
    args.iter().any(|arg| arg == "--json" || arg == "--output=json")
        || args.windows(2).any(|pair| pair[0] == "--output" && pair[1] == "json")
}

#[derive(Debug, clap::Args)]
pub(crate) struct Emulator {
    /// End when standard input ends, such as when the parent process ends
    #[arg(long)]
    pub(crate) with_stdin: bool,
}

/// The shells whose scripts are tested. The generator has more.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl From<Shell> for clap_complete::Shell {
    fn from(shell: Shell) -> Self {
        match shell {
            Shell::Bash => Self::Bash,
            Shell::Zsh => Self::Zsh,
            Shell::Fish => Self::Fish,
        }
    }
}

/// Starts the emulator, makes a call and ends the emulator, in one shell.
///
/// Without `trap`, Ctrl-C at the prompt would end the emulator in bash. Without the space after `$!`, zsh would read `!)`
/// as a history expansion.
pub(crate) const EMULATOR_RECIPE: [&str; 3] = [
    r#"set -a; eval "$(trap '' INT; aicredits emulator & echo EMULATOR=$! )"; set +a"#,
    "aicredits balance",
    "kill $EMULATOR",
];

/// The variables that the command reads. Each line of the help fits a terminal of 80 columns.
pub(crate) const VARIABLES: [(&str, &str); 15] = [
    ("WIX_API_KEY", "The API key. --api-key-file replaces it."),
    ("WIX_ACCOUNT_ID", "The account to ask for. --account and --site replace it."),
    ("WIX_SITE_ID", "The site to ask for. Set this or WIX_ACCOUNT_ID, not both."),
    ("AICREDITS_BASE_URL", "The server to ask. --base-url replaces it."),
    ("https_proxy", "The proxy; else HTTPS_PROXY, all_proxy or ALL_PROXY."),
    ("http_proxy", "The proxy if --base-url is http; else all_proxy or ALL_PROXY."),
    ("no_proxy", "Hosts without a proxy, as in --no-proxy; else NO_PROXY."),
    ("SSL_CERT_FILE", "A PEM file of the authorities to trust."),
    ("SSL_CERT_DIR", "A folder of such files."),
    ("NO_COLOR", "No colours, if it is set."),
    ("CLICOLOR_FORCE", "Colours also outside a terminal, if it is not 0."),
    ("CLICOLOR", "0 means no colours."),
    ("LC_ALL", "The locale. Without UTF-8 in it, bars are ASCII."),
    ("LC_CTYPE", "As LC_ALL, if that is not set."),
    ("LANG", "As LC_CTYPE, if that is not set."),
];

/// Refuses an API key in an argument: every user of the machine could read it, and a message could repeat it.
///
/// It runs before anything else reads the arguments. Keys begin with `IST.`. A file with such a name can be passed as
/// `./IST.…`.
pub(crate) fn refuse_keys(args: &[OsString]) -> Result<(), Failure> {
    let is_key = |arg: &OsString| {
        let arg = arg.to_string_lossy();
        arg.starts_with("IST.") || arg.contains("=IST.") || (arg.contains("://") && aicredits::has_key(&arg))
    };
    match args.iter().skip(1).any(is_key) {
        false => Ok(()),
        true => Err(Failure::new(
            Exit::Configuration,
            "an argument has an API key, and every user of this machine can read arguments: \
             set WIX_API_KEY, or name a file with --api-key-file",
        )),
    }
}

fn timeout(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(Duration::from_secs(seconds));
    }
    let time = text.parse::<jiff::SignedDuration>().ok().and_then(|time| Duration::try_from(time).ok());
    time.ok_or_else(|| "not a time such as 5s, 500ms or 5".to_owned())
}

fn emulator_examples() -> String {
    let site = aicredits_emulator::example::SITE_ID;
    let mut help = String::from("Examples, in sh, bash or zsh:\n");
    for command in EMULATOR_RECIPE {
        help += &format!("  {command}\n");
    }
    help + &format!("\nThe example's site, while it runs:\n  aicredits balance --site {site}\n")
}

fn environment_and_exit_codes() -> String {
    let mut help = String::from("Environment (an empty variable is unset; a loopback host gets no proxy from it):\n");
    for (name, meaning) in VARIABLES {
        help += &format!("  {name:<18}  {meaning}\n");
    }
    help += "\nExit status:\n";
    for exit in Exit::ALL {
        help += &format!("  {:>3}  {}\n", exit.code(), exit.meaning());
    }
    help
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn timeouts() {
        for (text, milliseconds) in [("5", 5000), ("5s", 5000), ("500ms", 500), ("1m 30s", 90_000), ("1.5s", 1500)] {
            assert_eq!(timeout(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["", "soon", "-5s", "5 parsecs", "1.5", "99999999999999999999"] {
            assert!(timeout(text).is_err(), "{text}");
        }
    }
}
