//! Output to a terminal: its width, and its colours.

use std::fs::File;
use std::io::Read;
use std::process::{Command, ExitStatus};

use aicredits_emulator::script::{Reply, Server};
use aicredits_emulator::{Emulator, Options, Rule, scenario};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::process::{aicredits, ask, ask_script, run};

/// The output of the command on a terminal of this many columns.
fn shown(command: Command, columns: u16) -> String {
    let (output, status) = on_terminal(command, columns, Command::stdout);
    assert!(status.success(), "{output}");
    output
}

fn complaint(command: Command, columns: u16) -> String {
    on_terminal(command, columns, Command::stderr).0
}

/// The standard error of the command on a terminal of this many columns.
pub(crate) fn error_of(command: Command, columns: u16) -> String {
    complaint(command, columns)
}

fn on_terminal(
    mut command: Command,
    columns: u16,
    stream: fn(&mut Command, File) -> &mut Command,
) -> (String, ExitStatus) {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    tcsetwinsize(&terminal, Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    stream(&mut command, File::options().write(true).open(name.to_str().unwrap()).unwrap());
    let mut child = command.spawn().unwrap();
    // It holds the terminal's other end. Reading ends only when every copy of that is closed.
    drop(command);

    let mut output = Vec::new();
    let ended = File::from(terminal).read_to_end(&mut output).unwrap_err();
    assert_eq!(ended.raw_os_error(), Some(rustix::io::Errno::IO.raw_os_error()));
    let status = child.wait().unwrap();
    (String::from_utf8(output).unwrap().replace("\r\n", "\n"), status)
}

fn colourful(mut command: Command) -> Command {
    command.env("TERM", "xterm");
    command
}

#[test]
fn a_narrow_terminal() {
    let emulator = Emulator::start().unwrap();
    assert_eq!(
        shown(ask(&emulator, &[]), 40).replace(&emulator.url(), "URL"),
        "\
account
0a1b2c3d-0000-4000-8000-00000000acc0
server URL

  recurring  ━━━━━━━─  85%  850 of 1,000
  top-up     ━━━━━━━━ 100%  200 of 200

subscription
d7a341c4-196b-46e7-813c-2b0fc1847ec6
  month      ━━━━━━━─  85%  850 of 1,000
             resets in 7 days
             2026-07-01 00:00 UTC
no subscription
  one-time   ━━━━━━━━ 100%  200 of 200

request 1782259200.00000000000000000000
"
    );
}

#[test]
fn a_very_narrow_terminal() {
    let emulator = Emulator::start().unwrap();
    assert_eq!(
        shown(ask(&emulator, &[]), 20).replace(&emulator.url(), "URL"),
        "\
account
0a1b2c3d-0000-4000-8000-00000000acc0
server
URL

recurring
850 of 1,000
━━━━━━━━━━━━━──  85%
top-up 200 of 200
━━━━━━━━━━━━━━━ 100%

subscription
d7a341c4-196b-46e7-813c-2b0fc1847ec6
month 850 of 1,000
━━━━━━━━━━━━━──  85%
resets in 7 days
2026-07-01 00:00 UTC
no subscription
one-time 200 of 200
━━━━━━━━━━━━━━━ 100%

request
1782259200.00000000000000000000
"
    );
}

#[test]
fn a_wide_terminal_has_longer_bars_up_to_a_limit() {
    let emulator = Emulator::start().unwrap();
    let bar = |columns| shown(ask(&emulator, &[]), columns).matches(['━', '╾', '─']).count() / 4;
    assert_eq!([80, 100, 120, 300].map(bar), [8, 28, 40, 40]);
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let emulator = Emulator::start().unwrap();
    let with = |mut command: Command, variable: &str, value: &str| {
        command.env(variable, value);
        command
    };
    let ask = || colourful(ask(&emulator, &[]));
    assert!(shown(ask(), 80).contains("\u{1b}[32m━━"));
    assert!(!shown(with(ask(), "NO_COLOR", "1"), 80).contains('\u{1b}'));
    assert!(!shown(with(ask(), "CLICOLOR", "0"), 80).contains('\u{1b}'));
    assert!(!run(ask()).success().contains('\u{1b}'));
    assert!(run(with(ask(), "CLICOLOR_FORCE", "1")).success().contains("\u{1b}[32m"));
}

/// Help and errors follow the same rule.
#[test]
fn clicolor_force_of_0_forces_nothing() {
    let emulator = Emulator::start().unwrap();
    let commands = || [ask(&emulator, &[]), aicredits(&["--help"]), aicredits(&["--colour"]), aicredits(&["balance"])];
    for (value, has_colour) in [("1", true), ("0", false), ("", false)] {
        for mut command in commands() {
            let output = command.env("CLICOLOR_FORCE", value).output().unwrap();
            let all = [output.stdout, output.stderr].concat();
            assert_eq!(all.contains(&b'\x1b'), has_colour, "CLICOLOR_FORCE={value} {command:?}");
        }
    }
    // On a terminal 0 does not forbid colours either.
    let mut command = colourful(ask(&emulator, &[]));
    command.env("CLICOLOR_FORCE", "0");
    assert!(shown(command, 80).contains("\u{1b}[32m"));
}

#[test]
fn the_c_locale_is_shown_ascii() {
    let mut scenario = scenario("example").unwrap();
    let allocation = &mut scenario.accounts[0].allocations[0];
    allocation.subscription = Some("caf\u{e9}".into());
    allocation.rules = vec![Rule { period: "DAY".into(), balance: 3, cap: 10, ..Rule::default() }];
    let emulator = Emulator::with(Options { scenario: Some(scenario.into()), ..Options::default() }).unwrap();
    for (variable, value) in [("LANG", "C"), ("LC_ALL", "POSIX"), ("LC_CTYPE", "en_US.ISO-8859-1"), ("LANG", "")] {
        let mut command = ask(&emulator, &[]);
        command.env(variable, value);
        let page = run(command).success();
        assert!(page.is_ascii() && page.contains("####") && page.contains(r"caf\u{e9}"), "{variable}={value}: {page}");

        let mut command = aicredits(&["balance", "--timeout", "caf\u{e9}"]);
        command.env(variable, value);
        assert!(run(command).failure(64).is_ascii());
    }
    for help in [vec!["--help"], vec!["balance", "--help"], vec!["emulator", "--help"], vec!["man"]] {
        assert!(run(aicredits(&help)).success().is_ascii(), "{help:?}");
    }
}

#[test]
fn complaints_break_at_words() {
    let server = Server::start(Reply::status(403)).unwrap();
    for columns in [20, 40, 60, 80, 200] {
        let complaint = complaint(ask_script(&server, &[]), columns);
        for line in complaint.lines() {
            assert!(line.len() <= usize::from(columns) || !line.contains(' '), "{columns}: {line:?}");
        }
        assert!(complaint.starts_with("error: 403"), "{complaint}");
    }
    // Without a terminal a message is one line, so that scripts can search it.
    assert_eq!(run(ask_script(&server, &[])).failure(77).lines().next().unwrap().matches("(account a").count(), 1);
}

/// Text that users copy stays on one line.
#[test]
fn complaints_do_not_break_commands() {
    let recipe = complaint(aicredits(&["balance"]), 30);
    assert!(recipe.contains("\n  aicredits emulator exec -- aicredits balance\n"));
}

#[test]
fn json_does_nothing_to_a_terminal() {
    let server = Server::start(Reply::json(200, "{\"topUpCredits\":{},\"added\":\"caf\u{e9} \u{9b}31m\"}")).unwrap();
    assert_eq!(
        shown(colourful(ask_script(&server, &["--json"])), 20),
        "{\"topUpCredits\":{},\"added\":\"café \\u009b31m\"}\n"
    );
}
