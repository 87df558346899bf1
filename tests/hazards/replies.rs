//! Replies that are no balance, or that look like one.

use aicredits_emulator::script::{Reply, Server};

use crate::subject::{Answer, Subject};
use crate::unless::unless;

const SPOOFED: &str = r#"{"periodicCredits":{"balance":1000000}}"#;

fn answer_to(subject: &Subject, reply: Reply) -> Answer {
    let server = Server::start(reply).unwrap();
    subject.client(server.url())()
}

pub(crate) fn follows_no_redirect(subject: &Subject) -> Result<(), String> {
    for status in [301, 302, 303, 307, 308] {
        let target = Server::start(Reply::json(200, SPOOFED)).unwrap();
        let answer = answer_to(subject, Reply::status(status).header("Location", target.url()));
        unless(target.connections() == 0, || format!("{status} led elsewhere, and to {answer:?}"))?;
        unless(answer.is_err(), || format!("{status} brought {answer:?}"))?;
    }
    Ok(())
}

pub(crate) fn takes_200_alone(subject: &Subject) -> Result<(), String> {
    for status in [201, 202, 203, 206, 226, 777] {
        let answer = answer_to(subject, Reply::json(status, SPOOFED));
        unless(answer.is_err(), || format!("{status} brought {answer:?}"))?;
    }
    Ok(())
}

pub(crate) fn keeps_the_servers_words(subject: &Subject) -> Result<(), String> {
    let body = r#"{"message":"m","details":{"applicationError":{"code":"NO_SUCH_SITE","description":"d"}}}"#;
    let reply = Reply::json(403, body).header("x-wix-request-id", "request-77");
    let failure = answer_to(subject, reply).expect_err("it is refused");
    for word in ["NO_SUCH_SITE", "request-77"] {
        unless(failure.text.contains(word), || format!("it says no more than: {}", failure.text))?;
    }
    Ok(())
}

pub(crate) fn bounds_a_reply(subject: &Subject) -> Result<(), String> {
    let mut body = vec![b' '; 9 << 20];
    body.extend_from_slice(b"{}");
    match answer_to(subject, Reply::json(200, body)) {
        Ok(_) => Err("it read 9 MiB".to_owned()),
        Err(failure) => unless(failure.kind == "TooLarge", || failure.kind),
    }
}

pub(crate) fn refuses_encodings(subject: &Subject) -> Result<(), String> {
    for encoding in ["compress", "x-unknown", "identity, aws-chunked"] {
        let answer = answer_to(subject, Reply::json(200, SPOOFED).header("Content-Encoding", encoding));
        unless(answer.is_err(), || format!("{encoding} brought {answer:?}"))?;
    }
    Ok(())
}
