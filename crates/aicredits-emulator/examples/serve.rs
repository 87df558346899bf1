//! Serves the emulator until its standard input ends. It prints its URL. The first argument is options in JSON.

use std::io;

use aicredits_emulator::Emulator;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = std::env::args().nth(1).unwrap_or_default();
    let emulator = Emulator::from_json(&options)?;
    println!("{}", emulator.url());
    io::copy(&mut io::stdin().lock(), &mut io::sink())?;
    Ok(())
}
