//! What a terminal is shown: its width, and colours where they are wanted.

use std::fs::File;
use std::io::Read;
use std::process::Command;

use aicredits_emulator::Emulator;
use aicredits_emulator::script::{Reply, Server};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::process::{ask, ask_script, run};

/// What the command writes to a terminal of this many columns.
fn shown(mut command: Command, columns: u16) -> String {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    tcsetwinsize(&terminal, Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    command.stdout(File::options().write(true).open(name.to_str().unwrap()).unwrap());
    let mut child = command.spawn().unwrap();
    // It holds the terminal's other end, which has to be closed everywhere for the reading to end.
    drop(command);

    let mut output = Vec::new();
    let ended = File::from(terminal).read_to_end(&mut output).unwrap_err();
    assert_eq!(ended.raw_os_error(), Some(rustix::io::Errno::IO.raw_os_error()));
    assert!(child.wait().unwrap().success());
    String::from_utf8(output).unwrap().replace("\r\n", "\n")
}

fn colourful(mut command: Command) -> Command {
    command.env("TERM", "xterm");
    command
}

#[test]
fn a_narrow_terminal() {
    let emulator = Emulator::start().unwrap();
    assert_eq!(
        shown(ask(&emulator, &[]), 40),
        "\
account
0a1b2c3d-0000-4000-8000-00000000acc0

  recurring  ━━━━━━━━━━━━──  850 of 1000
  top-up     ━━━━━━━━━━━━━━  200 of 200

subscription
d7a341c4-196b-46e7-813c-2b0fc1847ec6
  month      ━━━━━━━━━━━━──  850 of 1000
             resets in 7 days
             2026-07-01 00:00 UTC
no subscription
  one-time   ━━━━━━━━━━━━━━  200 of 200

request 1782259200.00000000000000000000
"
    );
}

#[test]
fn a_very_narrow_terminal() {
    let emulator = Emulator::start().unwrap();
    assert_eq!(
        shown(ask(&emulator, &[]), 20),
        "\
account
0a1b2c3d-0000-4000-8000-00000000acc0

recurring
850 of 1000
━━━━━━━━━━━━━━━━━───
top-up 200 of 200
━━━━━━━━━━━━━━━━━━━━

subscription
d7a341c4-196b-46e7-813c-2b0fc1847ec6
month 850 of 1000
━━━━━━━━━━━━━━━━━───
resets in 7 days
2026-07-01 00:00 UTC
no subscription
one-time 200 of 200
━━━━━━━━━━━━━━━━━━━━

request
1782259200.00000000000000000000
"
    );
}

#[test]
fn a_wide_terminal_has_longer_bars_up_to_a_limit() {
    let emulator = Emulator::start().unwrap();
    let bar = |columns| shown(ask(&emulator, &[]), columns).matches(['━', '╾', '─']).count() / 4;
    assert_eq!([80, 100, 120, 300].map(bar), [14, 34, 40, 40]);
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let emulator = Emulator::start().unwrap();
    let with = |mut command: Command, variable: &str| {
        command.env(variable, "1");
        command
    };
    let ask = || colourful(ask(&emulator, &[]));
    assert!(shown(ask(), 80).contains("\u{1b}[32m━━━━━━━━━━━━\u{1b}[0m"));
    assert!(!shown(with(ask(), "NO_COLOR"), 80).contains('\u{1b}'));
    assert!(!run(ask()).success().contains('\u{1b}'));
    assert!(run(with(ask(), "CLICOLOR_FORCE")).success().contains("\u{1b}[32m"));
}

#[test]
fn json_does_nothing_to_a_terminal() {
    let server = Server::start(Reply::json(200, "{\"added\":\"caf\u{e9} \u{9b}31m\"}")).unwrap();
    assert_eq!(shown(colourful(ask_script(&server, &["--json"])), 20), "{\"added\":\"café \\u009b31m\"}\n");
}
