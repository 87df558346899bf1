use crate::constant::constants;

constants! {
    /// The answer of [`Balance::can_afford`](crate::Balance::can_afford).
    Answer {
        Yes = 1, "YES", "The credits suffice.";
        No = 2, "NO", "The credits do not suffice.";
        Unknown = 3, "UNKNOWN", "The reply lacks a count that would decide. Unknown is neither yes nor no.";
    }
}
