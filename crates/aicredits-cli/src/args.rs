//! The arguments. Usage errors, help, completions and the man page are made from this definition.

use std::ffi::OsString;
use std::path::PathBuf;

use aicredits_emulator::Timestamp;
use clap::{Parser, Subcommand, ValueEnum};

use crate::connection::Connection;
use crate::credits::credits;
use crate::exit::{Exit, Failure};
use crate::fleet_args::Balances;

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
    /// Show the balances of many accounts and sites
    ///
    /// Asks Wix for each target of a file, at a rate that the API allows, and prints one line for each. A failure ends no
    /// other target, and is never a balance of 0. At the end it prints the failures by kind, with what to do.
    ///
    /// With --out it writes a table: CSV, or JSON Lines. With --resume a run that was interrupted or killed goes on where it
    /// ended. docs/sites.md has the columns and the rules of both.
    ///
    /// A target file is a CSV file with a header. Its columns are label, site_id, account_id, scope and key. A site_id means
    /// the site, and account_id then names its owner. The column key has the name of a key, never a key: --key or --keys names
    /// its file.
    #[command(after_long_help = environment_and_exit_codes())]
    Balances(Balances),
    /// Check whether an action may run, or how many of them
    ///
    /// Reads the balance and prints one sentence: whether an action of this cost can be paid now, and if not, which rule is
    /// in the way and when it resets. The exit status is the answer: 0 yes, 1 no, 2 unknown. A balance that could not be
    /// read has its own exit status. A script that treats every status but 0 as "no" is on the safe side.
    ///
    /// With --each and --wanted it prints how many of the wanted actions can be paid, as a number, or "unknown". The exit
    /// status is 0 if all of them can.
    ///
    /// A balance is a hint: other programs spend from the same credits, and Wix's refusal (HTTP 428) is final. The check
    /// reserves nothing.
    #[command(after_long_help = check_examples() + "\n" + &environment_and_exit_codes())]
    Check(Check),
    /// Run an emulator of the API, to try this without an account
    ///
    /// Serves the API on a free port of this machine, with the example account of Wix's documentation or another scenario.
    ///
    /// With exec it runs a command, whose environment leads a client to the emulator: WIX_API_KEY, WIX_ACCOUNT_ID and
    /// AICREDITS_BASE_URL are set, WIX_SITE_ID is not. It ends with the command.
    ///
    /// Without exec it prints these variables as lines. Then it closes its standard output and runs until SIGTERM, Ctrl-C
    /// or, with --with-stdin, the end of its input.
    ///
    /// A client with both ids needs a scope. The key has access to a site too: name it with --site.
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
    #[command(flatten)]
    pub(crate) connection: Connection,

    /// Exit with 1 if fewer credits than this can be spent now, and with 2 if that is unknown
    ///
    /// For cron and monitoring. Standard error then has the reason in one line. It counts the spendable credits: the balance, under
    /// all rules of the breakdown.
    #[arg(long, value_name = "COUNT", value_parser = credits)]
    pub(crate) fail_under: Option<u64>,

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

#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// The credits that the action costs: a whole number
    #[arg(
        value_name = "COST",
        value_parser = credits,
        allow_negative_numbers = true,
        required_unless_present = "each",
        conflicts_with_all = ["each", "wanted"],
    )]
    pub(crate) cost: Option<u64>,

    /// The credits that one of several equal actions costs
    #[arg(long, value_name = "COST", value_parser = credits, requires = "wanted", allow_negative_numbers = true)]
    pub(crate) each: Option<u64>,

    /// How many of these actions are wanted
    #[arg(long, value_name = "COUNT", value_parser = credits, requires = "each", allow_negative_numbers = true)]
    pub(crate) wanted: Option<u64>,

    #[command(flatten)]
    pub(crate) connection: Connection,

    /// Print one JSON object, also for an error: its "answer" is yes, no, unknown or error
    #[arg(long)]
    pub(crate) json: bool,
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

/// Whether the command is `check`. As [`ask_for_json`], without parsing.
pub(crate) fn ask_to_check(args: &[OsString]) -> bool {
    args.get(1).is_some_and(|command| command == "check")
}

#[derive(Debug, clap::Args)]
pub(crate) struct Emulator {
    #[command(flatten)]
    pub(crate) options: EmulatorOptions,

    /// End when standard input ends, such as when the parent process ends
    #[arg(long)]
    pub(crate) with_stdin: bool,

    #[command(subcommand)]
    pub(crate) command: Option<EmulatorCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EmulatorCommand {
    /// Run a command with the emulator, and end with it
    ///
    /// The exit status is that of the command: 128 + n after signal n, 126 if it cannot be run, 127 if there is none. SIGINT,
    /// SIGTERM, SIGHUP and SIGQUIT go to the command. With --tls the variables SSL_CERT_FILE, NODE_EXTRA_CA_CERTS,
    /// REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE name a file of the certificate authority.
    Exec(EmulatorExec),
}

#[derive(Debug, clap::Args)]
pub(crate) struct EmulatorExec {
    /// The command and its arguments
    #[arg(value_name = "COMMAND", required = true, last = true)]
    pub(crate) command: Vec<OsString>,
}

/// They are accepted before and after exec.
#[derive(Debug, clap::Args)]
pub(crate) struct EmulatorOptions {
    /// The accounts, keys and faults to start with: a name, or a JSON file
    ///
    /// The names: example, empty, free-plan, agency-1000, at-the-limits, runs-out, late-charge, outage.
    #[arg(long, value_name = "NAME|FILE", default_value = "example", global = true)]
    pub(crate) scenario: String,

    /// The port; 0 is a free one
    #[arg(long, value_name = "PORT", default_value_t = 0, global = true)]
    pub(crate) port: u16,

    /// The address to listen on, or its name [default: 127.0.0.1]
    #[arg(long, value_name = "HOST", global = true)]
    pub(crate) host: Option<String>,

    /// Let the calendar run, or freeze it at an instant such as 2026-07-01T00:00:00Z
    #[arg(long, value_name = "running|INSTANT", value_parser = clock, global = true)]
    pub(crate) clock: Option<EmulatorClock>,

    /// How fast the time passes by which limits and delays run, and a running calendar: 1 to 1000000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000), global = true)]
    pub(crate) speed: Option<u32>,

    /// Serve HTTPS, with a certificate authority of the emulator's own
    #[arg(long, global = true)]
    pub(crate) tls: bool,

    /// Change an assumption where the API is not documented; may be repeated
    #[arg(long, value_name = "NAME=VALUE", global = true)]
    pub(crate) assume: Vec<String>,

    /// Let requests fail, as JSON or by name; may be repeated
    #[arg(long, value_name = "NAME|JSON", global = true)]
    pub(crate) fault: Vec<String>,

    /// Require the token in this file of control requests; on an address that is not loopback there are none without it
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) control_token_file: Option<PathBuf>,

    /// Print a line for each request to standard error
    #[arg(long, global = true)]
    pub(crate) log: bool,
}

/// The calendar of the emulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EmulatorClock {
    Running,
    Frozen(Timestamp),
}

fn clock(text: &str) -> Result<EmulatorClock, String> {
    match text {
        "running" => Ok(EmulatorClock::Running),
        _ => text
            .parse()
            .map(EmulatorClock::Frozen)
            .map_err(|_| "not running, and no instant such as 2026-07-01T00:00:00Z".into()),
    }
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

/// Makes a call to the emulator, without an account.
pub(crate) const EMULATOR_RECIPE: &str = "aicredits emulator exec -- aicredits balance";

/// Further uses of the emulator.
const EMULATOR_EXAMPLES: [&str; 3] = [
    "aicredits emulator exec --scenario free-plan -- pytest",
    "aicredits emulator exec --fault throttle -- ./my-program",
    "aicredits emulator --port 8080 --log",
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

/// One action, and as many as fit, as in docs/command.md. Without a number nothing runs.
const CHECK_EXAMPLES: [&str; 2] = [
    "aicredits check 40 && generate-image",
    r#"status=0
count=$(aicredits check --each 3 --wanted 500) || status=$?
# The answer is unknown, or the balance could not be read.
[ "$status" -le 1 ] || exit "$status"
if [ "$count" -gt 0 ]; then generate-images --count "$count"; fi"#,
];

pub(crate) fn check_examples() -> String {
    let [one, several] = CHECK_EXAMPLES.map(|script| format!("  {}\n", script.replace('\n', "\n  ")));
    format!("Examples:\n{one}\n{several}")
}

pub(crate) fn emulator_examples() -> String {
    let site = aicredits_emulator::example::SITE_ID;
    let mut help = String::from("Examples:\n");
    for command in [EMULATOR_RECIPE].iter().chain(&EMULATOR_EXAMPLES) {
        help += &format!("  {command}\n");
    }
    help + &format!("\nThe example's site:\n  {EMULATOR_RECIPE} --site {site}\n")
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
}
