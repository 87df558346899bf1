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

/// Runs until SIGTERM or the end of the input. SIGINT keeps its default: it ends a foreground job, and a background
/// job of a script, which has it ignored, goes on.
pub(crate) fn run(args: &args::Emulator) -> Result<(), Failure> {
    let failed = |what: &'static str| move |error| Failure::new(Exit::Other, format!("{what}: {error}"));
    // All that can fail comes before anything is said.
    let emulator = aicredits_emulator::Emulator::start().map_err(failed("cannot start the emulator"))?;
    let mut signals = Signals::new([SIGTERM]).map_err(failed("cannot receive signals"))?;
    let nowhere = File::options().write(true).open("/dev/null").map_err(failed("cannot open /dev/null"))?;

    // No value has a character that a shell would act on. One write, so that the lines stay together in a pipe.
    let lines = format!(
        "WIX_API_KEY={}\nWIX_ACCOUNT_ID={}\nAICREDITS_BASE_URL={}\n",
        emulator.api_key(),
        emulator.account_id(),
        emulator.url(),
    );
    print_raw(lines.as_bytes())?;
    // A command substitution ends once nobody holds its pipe.
    rustix::stdio::dup2_stdout(nowhere).map_err(|error| failed("cannot let go of standard output")(error.into()))?;

    let (end, ended) = mpsc::channel();
    if args.with_stdin {
        let end = end.clone();
        thread::spawn(move || {
            // What is read does not matter; an error is an end as well.
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
