//! Accounts with their sites and allocations, and where each one is.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::{allocation, text};
use crate::protocol::{Account, Allocation, ControlError, Rule};

/// Where an allocation is. Nothing is ever taken out of a ledger, so a place stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct AllocationId {
    pub(super) account: usize,
    pub(super) index: usize,
}

/// Where a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct RuleId {
    pub(super) allocation: AllocationId,
    pub(super) rule: usize,
}

/// The accounts in their order. Look-ups by id and by name take the same time, however many there are.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    list: Vec<Account>,
    by_id: HashMap<String, usize>,
    sites: HashMap<String, OfSite>,
    allocations: HashMap<String, AllocationId>,
    /// The first account of each id, in lower case.
    folded: HashMap<String, usize>,
    /// The first site of each id, in lower case, as the ledger has it.
    folded_sites: HashMap<String, String>,
}

/// The result of adding an account.
#[derive(Debug)]
pub(super) struct Added {
    pub(super) allocations: Vec<AllocationId>,
    pub(super) is_change: bool,
}

#[derive(Debug, Default)]
struct OfSite {
    account: usize,
    allocations: Vec<usize>,
}

impl Accounts {
    pub(super) fn list(&self) -> &[Account] {
        &self.list
    }

    /// The place of the account of this id; `None` means the first.
    pub(super) fn find(&self, id: Option<&str>) -> Option<usize> {
        match id {
            Some(id) => self.by_id.get(id).copied(),
            None => (!self.list.is_empty()).then_some(0),
        }
    }

    /// The place of the account that has this site.
    pub(super) fn of_site(&self, site: &str) -> Option<usize> {
        self.sites.get(site).map(|of_site| of_site.account)
    }

    /// The place of the first account whose id differs from this one by case alone, if at all.
    pub(super) fn find_folded(&self, id: &str) -> Option<usize> {
        self.folded.get(&id.to_ascii_lowercase()).copied()
    }

    /// The first site whose id differs from this one by case alone, if at all, as the ledger has it.
    pub(super) fn folded_site(&self, id: &str) -> Option<&str> {
        self.folded_sites.get(&id.to_ascii_lowercase()).map(String::as_str)
    }

    /// The allocations of a site, in their order.
    pub(super) fn allocations_of_site(&self, site: &str) -> impl Iterator<Item = AllocationId> {
        let of_site = self.sites.get(site);
        of_site.into_iter().flat_map(|of_site| {
            of_site.allocations.iter().map(|index| AllocationId { account: of_site.account, index: *index })
        })
    }

    /// The allocations of an account, in their order.
    pub(super) fn allocations_of(&self, account: usize) -> impl Iterator<Item = AllocationId> {
        (0..self.list[account].allocations.len()).map(move |index| AllocationId { account, index })
    }

    pub(super) fn named(&self, allocation: &str) -> Option<AllocationId> {
        self.allocations.get(allocation).copied()
    }

    pub(super) fn allocation(&self, id: AllocationId) -> &Allocation {
        &self.list[id.account].allocations[id.index]
    }

    pub(super) fn allocation_mut(&mut self, id: AllocationId) -> &mut Allocation {
        &mut self.list[id.account].allocations[id.index]
    }

    pub(super) fn rule_mut(&mut self, id: RuleId) -> &mut Rule {
        &mut self.allocation_mut(id.allocation).rules[id.rule]
    }

    /// The place of the account that a request means. A request that names a site alone means the site's account.
    pub(super) fn resolve(&self, account: Option<&str>, site: Option<&str>) -> Result<usize, ControlError> {
        let Some(site) = site else {
            return self.find(account).ok_or_else(|| unknown_account(account));
        };
        let of_site = self.of_site(site);
        if account.is_none() {
            return of_site.ok_or_else(|| unknown_site(site));
        }
        let index = self.find(account).ok_or_else(|| unknown_account(account))?;
        let of_account = of_site.filter(|of_site| *of_site == index);
        of_account.ok_or_else(|| unknown_site_of(site, &self.list[index].account))
    }

    /// Adds an account, or extends the one of its id.
    pub(super) fn add(&mut self, account: Account, now: Timestamp) -> Result<Added, ControlError> {
        self.check(&account)?;
        let known = self.by_id.get(&account.account).copied();
        let mut is_change = known.is_none() || !account.allocations.is_empty();
        let index = known.unwrap_or_else(|| {
            self.by_id.insert(account.account.clone(), self.list.len());
            self.folded.entry(account.account.to_ascii_lowercase()).or_insert(self.list.len());
            self.list.push(Account { account: account.account, ..Account::default() });
            self.list.len() - 1
        });
        let added = &mut self.list[index];
        is_change |= label(&mut added.label, account.label);
        for site in account.sites {
            if self.sites.contains_key(&site.site) {
                let known = added.sites.iter_mut().find(|known| known.site == site.site);
                let known = known.expect("the site is the account's");
                is_change |= label(&mut known.label, site.label);
            } else {
                is_change = true;
                self.sites.insert(site.site.clone(), OfSite { account: index, allocations: Vec::new() });
                self.folded_sites.entry(site.site.to_ascii_lowercase()).or_insert_with(|| site.site.clone());
                added.sites.push(site);
            }
        }
        let complete = |mut allocation: Allocation| {
            allocation.rules.iter_mut().for_each(|rule| allocation::complete(rule, now));
            self.push(index, allocation)
        };
        Ok(Added { allocations: account.allocations.into_iter().map(complete).collect(), is_change })
    }

    /// Checks what [`add`](Self::add) would add.
    fn check(&self, account: &Account) -> Result<(), ControlError> {
        text::check_id(&account.account, "/account")?;
        let place = self.by_id.get(&account.account).copied();
        let mut sites = HashSet::new();
        for (index, site) in account.sites.iter().enumerate() {
            let pointer = format!("/sites/{index}/site");
            text::check_id(&site.site, &pointer)?;
            if !sites.insert(site.site.as_str()) {
                return Err(ControlError::invalid(pointer, format!("the site {} is there twice", site.site)));
            }
            if let Some(other) = self.of_site(&site.site).filter(|other| Some(*other) != place) {
                let message = format!("the site {} belongs to the account {}", site.site, self.list[other].account);
                return Err(ControlError::new(409, "site_taken", message).at(pointer));
            }
        }
        let mut names = HashSet::new();
        for (index, allocation) in account.allocations.iter().enumerate() {
            let pointer = format!("/allocations/{index}");
            allocation::check(allocation).map_err(|error| error.within(&pointer))?;
            let name = &allocation.allocation;
            if !names.insert(name) {
                let message = format!("the allocation {name:?} is there twice");
                return Err(ControlError::invalid(format!("{pointer}/allocation"), message));
            }
            self.check_unused(name).map_err(|error| error.within(&pointer))?;
            if let Some(site) = &allocation.site
                && !sites.contains(site.as_str())
                && (place.is_none() || self.of_site(site) != place)
            {
                return Err(unknown_site_of(site, &account.account).within(&pointer));
            }
        }
        Ok(())
    }

    /// The name of an allocation is free.
    pub(super) fn check_unused(&self, allocation: &str) -> Result<(), ControlError> {
        if self.allocations.contains_key(allocation) {
            let message = format!("there is an allocation {allocation:?} already; adjust changes it");
            return Err(ControlError::new(409, "allocation_exists", message).at("/allocation"));
        }
        Ok(())
    }

    /// Adds a valid allocation with a free name to an account.
    pub(super) fn push(&mut self, account: usize, allocation: Allocation) -> AllocationId {
        let id = AllocationId { account, index: self.list[account].allocations.len() };
        self.allocations.insert(allocation.allocation.clone(), id);
        if let Some(of_site) = allocation.site.as_ref().and_then(|site| self.sites.get_mut(site)) {
            of_site.allocations.push(id.index);
        }
        self.list[account].allocations.push(allocation);
        id
    }
}

/// Replaces a label if there is another one, and returns whether there is.
fn label(label: &mut Option<String>, new: Option<String>) -> bool {
    let is_change = new.is_some() && new != *label;
    if is_change {
        *label = new;
    }
    is_change
}

pub(super) fn unknown_account(id: Option<&str>) -> ControlError {
    let message = match id {
        Some(id) => format!("there is no account {id}"),
        None => "there is no account; add one first".to_owned(),
    };
    ControlError::new(404, "unknown_account", message).at("/account")
}

pub(super) fn unknown_site(site: &str) -> ControlError {
    ControlError::new(404, "unknown_site", format!("there is no site {site}")).at("/site")
}

fn unknown_site_of(site: &str, account: &str) -> ControlError {
    ControlError::new(404, "unknown_site", format!("the account {account} has no site {site}")).at("/site")
}
