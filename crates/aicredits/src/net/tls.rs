//! TLS on a connection.

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::ops::Range;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme};

use super::context::Context;
use super::roots::Trust;
use super::transport::{Transport, TransportError};
use crate::{Error, ErrorKind, Phase, advice};

/// One record, as large as TLS allows it.
const RECORD_BYTES: usize = (16 << 10) + 256;

/// Shared by all connections of a client, so that a later one resumes the session of an earlier one.
pub(super) fn config(trust: &Trust) -> Result<Arc<ClientConfig>, Error> {
    let provider = Arc::new(ring::default_provider());
    let inner = WebPkiServerVerifier::builder_with_provider(trust.roots()?, Arc::clone(&provider))
        .build()
        .map_err(|error| Error::unexpected(&format!("no verifier of certificates: {error}")))?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::unexpected(&format!("no TLS version: {error}")))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Explaining(inner)))
        .with_no_client_auth();
    Ok(Arc::new(config))
}

#[derive(Debug)]
pub(super) struct Tls {
    session: ClientConnection,
    inner: Box<dyn Transport>,
    record: Box<[u8]>,
    /// The bytes that the session has not accepted yet: it holds at most one record of unread plaintext.
    undigested: Range<usize>,
}

impl Tls {
    /// Shakes hands with `host` over `inner`.
    pub(super) fn connect(
        config: Arc<ClientConfig>,
        host: &str,
        inner: Box<dyn Transport>,
        context: &Context,
    ) -> Result<Self, TransportError> {
        context.enter_phase(Phase::Tls);
        let name = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(name)
            .map_err(|_| Error::new(ErrorKind::Tls, format!("{host} is no name that a certificate can have")))?;
        let session = ClientConnection::new(config, name).map_err(|error| refused(context, &error))?;
        let mut tls = Self { session, inner, record: vec![0; RECORD_BYTES].into(), undigested: 0..0 };
        tls.write_out(context)?;
        while tls.session.is_handshaking() {
            let count = tls.inner.receive(&mut tls.record, context)?;
            if count == 0 {
                return Err(TransportError::Lost(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the server ended it in the TLS handshake",
                )));
            }
            tls.undigested = 0..count;
            let digested = tls.digest().map_err(|error| TransportError::Failed(refused(context, &error)));
            // The last flight, or the alert that says why there is none.
            let written = tls.write_out(context);
            digested?;
            written?;
        }
        Ok(tls)
    }

    /// Takes in what has come, until something of it can be read.
    fn digest(&mut self) -> Result<(), rustls::Error> {
        while !self.undigested.is_empty() {
            let mut bytes = &self.record[self.undigested.clone()];
            let taken = self.session.read_tls(&mut bytes).map_err(|error| rustls::Error::General(error.to_string()))?;
            self.undigested.start += taken;
            if self.session.process_new_packets()?.plaintext_bytes_to_read() > 0 {
                break;
            }
            if taken == 0 {
                // After the peer's goodbye nothing counts.
                self.undigested = 0..0;
            }
        }
        Ok(())
    }

    fn write_out(&mut self, context: &Context) -> Result<(), TransportError> {
        let mut bytes = Vec::new();
        while self.session.wants_write() {
            self.session.write_tls(&mut bytes).map_err(TransportError::Lost)?;
        }
        if bytes.is_empty() { Ok(()) } else { self.inner.send(&bytes, context) }
    }

    /// Decrypted bytes. `None` where there are none yet.
    fn read_plain(&mut self, buffer: &mut [u8]) -> Result<Option<usize>, TransportError> {
        match self.session.reader().read(buffer) {
            Ok(count) => Ok(Some(count)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(_) => Err(TransportError::Lost(cut_off())),
        }
    }

    fn has_nothing_to_read(&mut self) -> bool {
        self.undigested.is_empty() && matches!(self.read_plain(&mut [0]), Ok(None))
    }
}

impl Transport for Tls {
    fn send(&mut self, bytes: &[u8], context: &Context) -> Result<(), TransportError> {
        self.session.writer().write_all(bytes).map_err(TransportError::Lost)?;
        self.write_out(context)
    }

    fn receive(&mut self, buffer: &mut [u8], context: &Context) -> Result<usize, TransportError> {
        loop {
            if let Some(count) = self.read_plain(buffer)? {
                return Ok(count);
            }
            if self.undigested.is_empty() {
                let count = self.inner.receive(&mut self.record, context)?;
                if count == 0 {
                    // Distinguishes a truncated reply from one that the server ended.
                    self.session.read_tls(&mut io::empty()).map_err(|_| TransportError::Lost(cut_off()))?;
                }
                self.undigested = 0..count;
            }
            self.digest().map_err(|error| broken(context, error))?;
            // An answer to a key update, say.
            self.write_out(context)?;
        }
    }

    fn receive_now(&mut self, buffer: &mut [u8]) -> Result<Option<usize>, TransportError> {
        if let Some(count) = self.read_plain(buffer)? {
            return Ok(Some(count));
        }
        if self.undigested.is_empty() {
            match self.inner.receive_now(&mut self.record)? {
                None => return Ok(None),
                Some(0) => return Ok(Some(0)),
                Some(count) => self.undigested = 0..count,
            }
        }
        self.digest().map_err(|_| TransportError::Lost(damaged()))?;
        self.read_plain(buffer)
    }

    /// Session tickets may come after the reply, unasked: they are taken in, and are no reason to close. More than a
    /// buffer of them is.
    fn is_quiet(&mut self) -> bool {
        self.has_nothing_to_read()
            && (self.inner.is_quiet()
                || matches!(self.receive_now(&mut [0]), Ok(None))
                    && self.undigested.is_empty()
                    && self.inner.is_quiet())
    }
}

/// An error after the handshake: an alert of the server is a TLS error, and all others are a lost connection.
fn broken(context: &Context, error: rustls::Error) -> TransportError {
    match error {
        rustls::Error::AlertReceived(_) => TransportError::Failed(refused(context, &error)),
        _ => TransportError::Lost(damaged()),
    }
}

/// rustls's own error has a link to its documentation.
fn cut_off() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "it ended without the end of TLS (close_notify)")
}

fn damaged() -> io::Error {
    io::Error::other("what came is no TLS, or was changed on its way")
}

thread_local! {
    /// Why the verifier refused a certificate, and who issued that, until the handshake that it was asked in fails for
    /// it. It has no other way to report the issuer: it belongs to all of a client's connections, and its error is
    /// rustls's own, from which rustls makes the alert for the server.
    static REFUSAL: Cell<Option<Refusal>> = const { Cell::new(None) };
}

struct Refusal {
    error: rustls::Error,
    issuer: Option<String>,
}

fn refused(context: &Context, error: &rustls::Error) -> Error {
    let refusal = REFUSAL.take();
    let (error, issuer) = match &refusal {
        Some(refusal) => (&refusal.error, refusal.issuer.as_ref()),
        None => (error, None),
    };
    let words = advice::handshake(error, context.side(), context.peer_setting());
    let issuer =
        issuer.map(|name| format!(" (issued by {})", crate::text::escape_for_display(name))).unwrap_or_default();
    Error::new(
        ErrorKind::Tls,
        format!("no trusted connection to {}: {}{issuer}; {}", context.peer(), words.what, words.advice),
    )
}

/// Verifies as rustls does, and keeps details of a refused certificate for the message.
#[derive(Debug)]
struct Explaining(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for Explaining {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified = self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        if let Err(error) = &verified {
            let topmost = intermediates.last().unwrap_or(end_entity);
            REFUSAL.set(Some(Refusal { error: error.clone(), issuer: issuer(topmost) }));
        }
        verified
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// The issuer's common name, or its organization.
fn issuer(certificate: &CertificateDer<'_>) -> Option<String> {
    const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
    const ORGANIZATION: &[u8] = &[0x55, 0x04, 0x0a];

    let certificate = webpki::EndEntityCert::try_from(certificate).ok()?;
    let mut organization = None;
    let mut rest = certificate.issuer();
    while !rest.is_empty() {
        // SET of SEQUENCE of an object identifier and a string.
        let mut set = element(&mut rest)?;
        let mut attribute = element(&mut set)?;
        let identifier = element(&mut attribute)?;
        let text = String::from_utf8_lossy(element(&mut attribute)?).into_owned();
        match identifier {
            COMMON_NAME => return Some(text),
            ORGANIZATION => organization = Some(text),
            _ => {}
        }
    }
    organization
}

/// The content of the DER element that `bytes` begins with, which is taken off.
fn element<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (&length, rest) = bytes.get(1..)?.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        0x81 | 0x82 => {
            let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    *bytes = rest;
    Some(content)
}
