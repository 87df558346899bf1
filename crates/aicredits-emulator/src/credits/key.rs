//! Keys: the credentials that have access to accounts and sites.

use std::collections::HashMap;

use super::account::{self, Accounts};
use super::text;
use crate::facts::UNKNOWN_KEY;
use crate::made_secret;
use crate::protocol::{ControlError, Key, KeyAdded, KeyChange};
use crate::secret::Secret;

/// The keys in their order. Look-ups take the same time, however many there are.
#[derive(Debug, Default)]
pub(super) struct Keys {
    list: Vec<Key>,
    by_name: HashMap<String, usize>,
    by_secret: HashMap<Secret, usize>,
}

impl Keys {
    pub(super) fn list(&self) -> &[Key] {
        &self.list
    }

    pub(super) fn find(&self, secret: &str) -> Option<&Key> {
        self.by_secret.get(secret).map(|index| &self.list[*index])
    }

    /// Adds the key of a scenario. An empty secret means one that is made from the name.
    pub(super) fn add(&mut self, mut key: Key, accounts: &Accounts) -> Result<(), ControlError> {
        if self.by_name.contains_key(&key.name) {
            return Err(ControlError::invalid("/name", format!("the key {:?} is there twice", key.name)));
        }
        text::check_name(&key.name, "/name")?;
        if key.secret.is_empty() {
            key.secret = self.make_secret(&key.name);
        }
        self.put(key, accounts)
    }

    /// Adds a key, or changes the key of this name. Returns whether that changed something, too.
    pub(super) fn change(&mut self, change: KeyChange, accounts: &Accounts) -> Result<(KeyAdded, bool), ControlError> {
        let known = self.by_name.get(&change.name).map(|index| self.list[*index].clone());
        let mut key = known.clone().unwrap_or_else(|| Key { name: change.name, ..Key::default() });
        text::check_name(&key.name, "/name")?;
        if let Some(secret) = change.secret {
            key.secret = secret;
        } else if key.secret.is_empty() {
            key.secret = self.make_secret(&key.name);
        }
        key.accounts = change.accounts.unwrap_or(key.accounts);
        key.sites = change.sites.unwrap_or(key.sites);
        key.carries_context = change.carries_context.unwrap_or(key.carries_context);
        key.revoked = change.revoked.unwrap_or(key.revoked);
        let added = KeyAdded { name: key.name.clone(), secret: key.secret.clone() };
        let is_change = known.as_ref() != Some(&key);
        self.put(key, accounts)?;
        Ok((added, is_change))
    }

    /// Checks a key, then stores it in the place of its name.
    fn put(&mut self, key: Key, accounts: &Accounts) -> Result<(), ControlError> {
        if key.name == UNKNOWN_KEY {
            let message = "the name unknown is the journal's for a credential that is no key; choose another";
            return Err(ControlError::invalid("/name", message));
        }
        text::check_secret(&key.secret, "/secret")?;
        let place = self.by_name.get(&key.name).copied();
        if let Some(other) = self.by_secret.get(&key.secret).filter(|other| Some(**other) != place) {
            let message = format!("the key {:?} has this secret", self.list[*other].name);
            return Err(ControlError::new(409, "secret_taken", message).at("/secret"));
        }
        for (index, id) in key.accounts.iter().enumerate() {
            let found = accounts.find(Some(id));
            found.ok_or_else(|| account::unknown_account(Some(id)).at(format!("/accounts/{index}")))?;
        }
        for (index, site) in key.sites.iter().enumerate() {
            let found = accounts.of_site(site);
            found.ok_or_else(|| account::unknown_site(site).at(format!("/sites/{index}")))?;
        }
        let place = place.unwrap_or(self.list.len());
        self.by_name.insert(key.name.clone(), place);
        match self.list.get_mut(place) {
            Some(known) => {
                self.by_secret.remove(&known.secret);
                self.by_secret.insert(key.secret.clone(), place);
                *known = key;
            }
            None => {
                self.by_secret.insert(key.secret.clone(), place);
                self.list.push(key);
            }
        }
        Ok(())
    }

    /// A secret that the reader can recognise, and that fits into a header.
    fn make_secret(&self, name: &str) -> Secret {
        let secrets = (1..).map(|number| Secret::from(made_secret::make(name, number)));
        let mut unused = secrets.filter(|secret| !self.by_secret.contains_key(secret));
        unused.next().expect("there are fewer keys than numbers")
    }
}
