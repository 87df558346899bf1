//! An emulator with a key for 40 sites.

use aicredits_emulator::Emulator;

pub(crate) const KEY: &str = "IST.canary-of-all-sites-which-is-no-secret";

pub(crate) struct Agency {
    pub(crate) emulator: Emulator,
    pub(crate) sites: Vec<String>,
}

impl Agency {
    pub(crate) fn start() -> Self {
        let emulator = Emulator::from_json(r#"{"scenario":"agency-1000"}"#).unwrap();
        let sites: Vec<_> = (1..=40).map(|site| format!("0a1b2c3d-0000-4000-8000-0000517e{site:04}")).collect();
        let reply = emulator.control("key", &format!(r#"{{"name":"all","secret":"{KEY}","sites":{sites:?}}}"#));
        assert_eq!(reply.status, 200, "{}", reply.json);
        Self { emulator, sites }
    }
}
