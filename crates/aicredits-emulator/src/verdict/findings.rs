//! The findings of the rules.

use std::collections::{BTreeMap, HashSet};

use super::evidence::Line;
use super::reached::Reached;
use crate::protocol::{Finding, VerdictQuery, VerdictRule};

/// How many findings are listed.
const LIMIT: usize = 100;

/// The findings of every rule without a parameter, required or not.
#[derive(Debug, Default)]
pub(super) struct Findings {
    rules: BTreeMap<VerdictRule, OfRule>,
    /// Requests of the evidence whose replies are not known yet.
    open: HashSet<u64>,
}

#[derive(Debug, Default)]
struct OfRule {
    groups: Vec<Group>,
    /// Findings of lineages or keys beyond the limit.
    further: u64,
}

/// The findings of a rule in one lineage, or of one key.
#[derive(Debug)]
struct Group {
    about: u64,
    count: u64,
    lines: Vec<Line>,
    message: String,
}

impl Findings {
    /// A rule found something about a lineage or a key.
    pub(super) fn add(&mut self, rule: VerdictRule, about: u64, describe: impl FnOnce() -> (Vec<Line>, String)) {
        let of_rule = self.rules.entry(rule).or_default();
        if let Some(group) = of_rule.groups.iter_mut().find(|group| group.about == about) {
            group.count += 1;
        } else if of_rule.groups.len() < LIMIT {
            let (lines, message) = describe();
            self.open.extend(lines.iter().filter(|line| line.status.is_none()).map(|line| line.n));
            of_rule.groups.push(Group { about, count: 1, lines, message });
        } else {
            of_rule.further += 1;
        }
    }

    /// As [`add`](Self::add), but it counts once.
    pub(super) fn add_once(&mut self, rule: VerdictRule, about: u64, describe: impl FnOnce() -> (Vec<Line>, String)) {
        let is_there = |of_rule: &OfRule| of_rule.groups.iter().any(|group| group.about == about);
        if !self.rules.get(&rule).is_some_and(is_there) {
            self.add(rule, about, describe);
        }
    }

    /// The reply of a request that may be evidence.
    pub(super) fn answered(&mut self, n: u64, status: Option<u16>) {
        if !self.open.remove(&n) {
            return;
        }
        for group in self.rules.values_mut().flat_map(|of_rule| &mut of_rule.groups) {
            for line in group.lines.iter_mut().filter(|line| line.n == n) {
                line.status = status;
            }
        }
    }

    fn of(&self, rule: VerdictRule) -> Vec<Finding> {
        let Some(of_rule) = self.rules.get(&rule) else { return Vec::new() };
        let mut findings: Vec<_> = of_rule
            .groups
            .iter()
            .map(|group| finding(rule, group.count, &group.lines, group.message.clone()))
            .collect();
        if let Some(first) = findings.first_mut() {
            first.count += of_rule.further;
        }
        findings
    }
}

fn finding(rule: VerdictRule, count: u64, lines: &[Line], message: String) -> Finding {
    let requests = lines.iter().map(|line| line.n).collect();
    Finding { rule, count, requests, message, evidence: lines.iter().map(Line::text).collect() }
}

/// The findings of the rules that a query asks for. `limits`: the rules with a parameter, if they are required.
pub(super) fn list(
    query: &VerdictQuery,
    findings: &Findings,
    limits: &[(VerdictRule, Option<(u64, &Reached)>)],
) -> Vec<Finding> {
    let is_on = |rule: VerdictRule| match rule {
        VerdictRule::SingleFlight => query.require.single_flight,
        VerdictRule::SharedPause => query.require.shared_pause,
        VerdictRule::AskedOnce => query.require.asked_once,
        _ => true,
    };
    let mut by_rule: BTreeMap<VerdictRule, Vec<Finding>> = BTreeMap::new();
    for rule in findings.rules.keys().copied().filter(|rule| is_on(*rule)) {
        by_rule.insert(rule, findings.of(rule));
    }
    for (rule, asked) in limits {
        if let Some((limit, reached)) = asked
            && let Some((count, line)) = reached.beyond(*limit)
        {
            let message = beyond(*rule, *limit, line.n);
            by_rule.insert(*rule, vec![finding(*rule, count, std::slice::from_ref(line), message)]);
        }
    }
    by_rule.retain(|rule, _| !query.allow.contains(rule));
    shorten(by_rule)
}

fn beyond(rule: VerdictRule, limit: u64, n: u64) -> String {
    match rule {
        VerdictRule::MaxPerMinute => format!("with request {n} more than {limit} requests of a key came within 60 s"),
        VerdictRule::MaxAttempts => {
            format!("request {n} is number {} in a row of the same request without a 200", limit + 1)
        }
        _ => format!("request {n} opened connection {}, and no other request was in flight", limit + 1),
    }
}

/// Each rule keeps its first finding. The first one counts those that have no place.
fn shorten(by_rule: BTreeMap<VerdictRule, Vec<Finding>>) -> Vec<Finding> {
    let mut free = LIMIT - by_rule.len();
    let mut listed = Vec::new();
    for mut findings in by_rule.into_values() {
        let further = findings.split_off(findings.len().min(1 + free));
        free -= findings.len() - 1;
        findings[0].count += further.iter().map(|finding| finding.count).sum::<u64>();
        listed.append(&mut findings);
    }
    listed
}
