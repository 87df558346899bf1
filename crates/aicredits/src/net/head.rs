//! Where the head of an HTTP reply ends.

/// The length of the head with its empty line, once it has come; lines may end without CR.
pub(crate) fn end_of_head(input: &[u8]) -> Option<usize> {
    (1..=input.len()).find(|&end| input[..end].ends_with(b"\n\r\n") || input[..end].ends_with(b"\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_ends_with_an_empty_line() {
        assert_eq!(end_of_head(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nx"), Some(25));
        assert_eq!(end_of_head(b"HTTP/1.1 200 OK\n\nx"), Some(17));
        assert_eq!(end_of_head(b"HTTP/1.1 200 OK\r\n"), None);
    }
}
