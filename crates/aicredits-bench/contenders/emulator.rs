//! The emulator with the example of the API's page, and with the allocator of its library. It ends with its input.

use std::alloc::System;
use std::io;

use aicredits_emulator::Emulator;
use zeroizing_alloc::ZeroAlloc;

#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let emulator = Emulator::start()?;
    println!("{}", emulator.url());
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}
