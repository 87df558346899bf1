//! Enums whose names and numbers are the same in every language.
//!
//! Each enum is written as one table. `cargo xtask generate` reads the tables and writes the constants of C, C++, Go and
//! Python from them.

/// One value of such an enum.
#[derive(Debug)]
pub struct Constant {
    /// Its name in every language, such as `UNAUTHORIZED`.
    pub name: &'static str,
    /// Its number in the C ABI. Numbers are never reused.
    pub number: i32,
    /// Its meaning, in one or two sentences.
    pub summary: &'static str,
}

/// An enum, with its table as `TABLE`.
macro_rules! constants {
    ($(#[$meta:meta])* $enum:ident { $($variant:ident = $number:literal, $name:literal, $summary:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $enum {
            $(#[doc = $summary] $variant = $number,)+
        }

        impl $enum {
            /// All values, in the order of their numbers.
            #[doc(hidden)]
            pub const TABLE: &[$crate::constant::Constant] = &[$($crate::constant::Constant {
                name: $name,
                number: $number,
                summary: $summary,
            },)+];

            /// Its number in the C ABI.
            #[doc(hidden)]
            #[inline]
            pub const fn number(self) -> i32 {
                self as i32
            }
        }
    };
}

pub(crate) use constants;
