use crate::constant::constants;

constants! {
    /// The kind of an error. It says who must act. The kinds are the same in every language.
    ErrorKind {
        InvalidArgument = 1, "INVALID_ARGUMENT", "A setting or an argument is wrong or missing. The message names it.";
        Unauthorized = 2, "UNAUTHORIZED", "HTTP 401: the key is missing, wrong or revoked.";
        Forbidden = 3, "FORBIDDEN", "HTTP 403: the key lacks access to the requested scope. Wix answers some wrong keys like this too.";
        NotFound = 4, "NOT_FOUND", "HTTP 404.";
        BadRequest = 5, "BAD_REQUEST", "Any other HTTP 4xx.";
        RateLimited = 6, "RATE_LIMITED", "HTTP 429: too many requests.";
        Server = 7, "SERVER", "Any HTTP 5xx.";
        Network = 8, "NETWORK", "DNS failed, the connection or the proxy was refused, or the connection was lost before the reply was complete.";
        Tls = 9, "TLS", "The server's certificate or the TLS handshake failed.";
        Protocol = 10, "PROTOCOL", "The reply is not HTTP that this client accepts: a malformed head, an encoding that it did not request, or a redirect.";
        Decode = 11, "DECODE", "A complete reply is not a balance. The message has the path of the field.";
        TooLarge = 12, "TOO_LARGE", "The head or the body of the reply exceeds its limit.";
        Timeout = 13, "TIMEOUT", "The deadline of the call passed.";
        Cancelled = 14, "CANCELLED", "The caller cancelled the call.";
        Closed = 15, "CLOSED", "The client is closed.";
        Denied = 16, "DENIED", "A credit gate denied a reservation. The denial has the reason.";
        Panic = 17, "PANIC", "A bug in this library, caught as a panic. Please report it.";
        Unexpected = 18, "UNEXPECTED", "A bug in this library that is not a panic. Please report it.";
    }
}

impl ErrorKind {
    /// The kind of a reply with this status, which is not 200.
    pub(crate) fn of_http_status(status: u16) -> Self {
        match status {
            401 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            429 => Self::RateLimited,
            400..=499 => Self::BadRequest,
            500..=599 => Self::Server,
            _ => Self::Protocol,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_has_its_own_kind_or_that_of_its_class() {
        for (status, kind) in [
            (401, ErrorKind::Unauthorized),
            (429, ErrorKind::RateLimited),
            (418, ErrorKind::BadRequest),
            (599, ErrorKind::Server),
            (302, ErrorKind::Protocol),
        ] {
            assert_eq!(ErrorKind::of_http_status(status), kind, "{status}");
        }
    }

    #[test]
    fn numbers_follow_each_other_from_1() {
        let numbers = ErrorKind::TABLE.iter().map(|row| row.number);
        assert!(numbers.eq(1..=ErrorKind::TABLE.len() as i32));
    }
}
