//! The emulator with the example of the API's page. It ends with its input.

use std::io;

use aicredits_emulator::Emulator;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let emulator = Emulator::start()?;
    println!("{}", emulator.url());
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}
