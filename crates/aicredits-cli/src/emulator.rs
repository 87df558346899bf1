//! `aicredits emulator`.

use std::fs::File;
use std::io;
use std::sync::mpsc;
use std::thread;

use signal_hook::consts::SIGTERM;
use signal_hook::iterator::Signals;

use crate::args;
use crate::exit::{Exit, Failure};
use crate::output::print_raw;

/// Runs until SIGTERM or the end of the input. SIGINT keeps its default action: it ends a foreground job. A script's
/// background job ignores it and continues.
pub(crate) fn run(args: &args::Emulator) -> Result<(), Failure> {
    let failed = |what: &'static str| move |error: io::Error| Failure::new(Exit::Other, format!("{what}: {error}"));
    // Everything that can fail comes before the first output.
    let emulator = aicredits_emulator::Emulator::start()
        .map_err(|error| Failure::new(Exit::Other, format!("cannot start the emulator: {error}")))?;
    let mut signals = Signals::new([SIGTERM]).map_err(failed("cannot receive signals"))?;
    let nowhere = File::options().write(true).open("/dev/null").map_err(failed("cannot open /dev/null"))?;

    // No value needs quoting in a shell. One write keeps the lines together in a pipe.
    let lines = format!(
        "WIX_API_KEY={}\nWIX_ACCOUNT_ID={}\nAICREDITS_BASE_URL={}\n",
        emulator.api_key(),
        emulator.account_id(),
        emulator.url(),
    );
    print_raw(lines.as_bytes())?;
    // A command substitution ends when its pipe is closed.
    rustix::stdio::dup2_stdout(nowhere).map_err(|error| failed("cannot let go of standard output")(error.into()))?;

    let (end, ended) = mpsc::channel();
    if args.with_stdin {
        let end = end.clone();
        thread::spawn(move || {
            // The input is ignored. An error counts as its end.
            let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
            let _ = end.send(());
        });
    }
    thread::spawn(move || {
        signals.forever().next();
        let _ = end.send(());
    });
    let _ = ended.recv();
    drop(emulator);
    Ok(())
}
