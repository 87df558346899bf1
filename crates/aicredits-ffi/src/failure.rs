//! Why an entry of this layer fails.

use aicredits::Error;
use ffi_support::argument::ArgumentFault;

/// Why a fallible entry fails.
pub enum Failure {
    /// The core refused.
    Core(Error),
    /// An argument that this layer cannot pass to the core.
    Argument(ArgumentFault),
    /// A setting, by its name in the core's table, that this layer cannot pass to the core.
    Setting(&'static str, ArgumentFault),
    /// A field of the target at this index of a fleet's targets.
    Target(usize, ArgumentFault),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl From<ArgumentFault> for Failure {
    fn from(fault: ArgumentFault) -> Self {
        Self::Argument(fault)
    }
}
