//! `aicredits balances`.

mod bar;
mod keys;
mod page;
mod run;
mod summary;
mod table_file;
mod targets;

use std::time::Instant;

use aicredits::{Report, ReportBuilder};

use crate::exit::{Exit, Failure};
use crate::fleet_args::{Balances, Rate, Sort};
use crate::output::{note, print, width};
use crate::verbose;
use bar::Bar;
use run::{End, Signals};
use table_file::TableFile;
use targets::Targets;

pub(crate) fn run(args: &Balances) -> Result<Exit, Failure> {
    // All that can be wrong comes before the first request.
    let files = [&args.out, &args.out_rules].map(|path| path.as_deref().map(TableFile::new).transpose());
    let [out, rules] = files;
    let (out, rules) = (out?, rules?);
    if args.server.verbose {
        verbose::start();
    }
    let targets = Targets::read(args)?;
    let mut builder = targets.client.fleet();
    builder = match args.rate {
        Rate::None => builder.without_rate(),
        Rate::PerMinute(rate) => builder.rate(rate),
    };
    if let Some(file) = &args.resume {
        builder = builder.resume(file);
    }
    if let Some(age) = args.resume_max_age {
        builder = builder.resume_max_age(age);
    }
    let signals = Signals::new()?;
    let began = Instant::now();
    let mut fleet = builder.start(targets.targets)?;
    let mut report = ReportBuilder::new();
    // Log records would tear it.
    let bar = (!args.server.verbose).then(Bar::new);
    let end = run::read(&mut fleet, &signals, bar, |outcome| report.push(outcome));
    let (warnings, progress) = (fleet.warnings(), fleet.progress());
    // Before the last words: attempts in flight end here.
    drop(fleet);
    for warning in warnings {
        note(&format!("warning: {warning}\n"));
    }
    if let End::Signal(exit) = end {
        return Err(summary::interrupted(exit, progress, args.resume.as_deref()));
    }
    let report = report.finish();
    let rows = summary::rows(report.balances(), args.below, args.sort == Some(Sort::Spendable));
    match &out {
        Some(file) => file.write(report.balances(), &rows)?,
        None => print(&page::page(&report, &rows, width()))?,
    }
    if let Some(file) = &rules {
        file.write(report.rules(), &summary::rules_of(&report, &rows))?;
    }
    note(&summary::summary(&report, &targets.lines, progress, began.elapsed(), out.is_some(), args.resume.is_some()));
    answer(&report, args.fail_under)
}

/// The exit status. Failures come before an answer about the others.
fn answer(report: &Report, fail_under: Option<u64>) -> Result<Exit, Failure> {
    let failed: usize = report.failures().iter().map(|group| group.count()).sum();
    let comparison = fail_under.and_then(|least| summary::compare(report, least));
    if let Some((_, sentence)) = &comparison {
        note(&format!("{sentence}\n"));
    }
    Ok(match failed {
        0 => comparison.map_or_else(|| summary::unless_unrecognized(report), |(exit, _)| exit),
        all if all == report.balances().rows() => Exit::AllFailed,
        _ => Exit::SomeFailed,
    })
}
