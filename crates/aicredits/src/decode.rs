//! From the bytes of a reply to a [`Balance`], in one pass.
//!
//! An error collects the path of its field while the parser returns from the objects around it, so no second pass is
//! needed. The text of an error is ours alone, so it never repeats the reply.

use zeroize::Zeroize;

use crate::balance::{Balance, Origin};
use crate::error::Error;
use crate::error_kind::ErrorKind;

mod decoder;
mod depth;
mod error;
mod schema;
mod text;

use decoder::Decoder;
pub(crate) use error::DecodeError;

impl Balance {
    /// Reads a stored reply.
    ///
    /// # Errors
    ///
    /// [`Decode`](crate::ErrorKind::Decode) if it is not a balance, with the path of the wrong field;
    /// [`TooLarge`](crate::ErrorKind::TooLarge) over [`MAX_JSON_BYTES`](Self::MAX_JSON_BYTES), which is compared before
    /// anything is copied.
    ///
    /// ```
    /// let balance = aicredits::Balance::from_json(r#"{"topUpCredits":{"balance":200,"cap":200}}"#)?;
    /// assert_eq!(balance.top_up_credits().unwrap().balance(), Some(200));
    /// assert_eq!(balance.periodic_credits(), None);
    ///
    /// let error = aicredits::Balance::from_json(r#"{"topUpCredits":{"balance":"many"}}"#).unwrap_err();
    /// assert!(error.to_string().contains("topUpCredits.balance"));
    /// # Ok::<(), aicredits::Error>(())
    /// ```
    pub fn from_json(json: impl AsRef<[u8]> + Into<Vec<u8>>) -> Result<Self, Error> {
        Self::check_json_bytes(json.as_ref().len())?;
        balance(json.into()).map_err(Error::from)
    }

    /// Refuses JSON that is too large, before a byte of it is looked at.
    #[doc(hidden)]
    pub fn check_json_bytes(length: usize) -> Result<(), Error> {
        if length > Self::MAX_JSON_BYTES {
            let fault = format!("the JSON is larger than {} bytes (1 GiB)", Self::MAX_JSON_BYTES);
            return Err(Error::new(ErrorKind::TooLarge, fault));
        }
        Ok(())
    }
}

pub(crate) fn balance(json: Vec<u8>) -> Result<Balance, DecodeError> {
    let mut raw = String::from_utf8(json).map_err(|error| {
        let fault = error.utf8_error();
        error.into_bytes().zeroize();
        let ended_early = fault.error_len().is_none();
        DecodeError {
            ended_early,
            ..DecodeError::whole(format!("the reply is not UTF-8 (byte {})", fault.valid_up_to()))
        }
    })?;
    // A reply that is no balance may contain the credential.
    let decoder = read(&raw).inspect_err(|_| raw.zeroize())?;

    let Decoder { texts, periodic_credits, top_up_credits, sources, unknown_periods, rules, is_recognized, .. } =
        decoder;
    Ok(Balance {
        raw,
        texts,
        periodic_credits,
        top_up_credits,
        sources,
        unknown_periods,
        rules,
        is_recognized,
        is_redacted: false,
        origin: Origin::default(),
    })
}

fn read(raw: &str) -> Result<Decoder, DecodeError> {
    match raw.trim_start().chars().next() {
        None => return Err(DecodeError { ended_early: true, ..DecodeError::whole("the reply is empty") }),
        Some('<') => {
            return Err(DecodeError::whole("the reply is an HTML or XML page: is a proxy or gateway in between?"));
        }
        Some('\u{feff}') => return Err(DecodeError::whole("the reply begins with a byte order mark")),
        Some(_) => {}
    }

    Decoder::decode(raw)
}

#[cfg(test)]
mod tests;
