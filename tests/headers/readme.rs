//! README.md's tables of the languages, compared with their sources. Links of the documents.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use aicredits_tests::{relative_links, root};

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A language's column of the table of settings: a source of the language, and the marks around a setting's name in it.
struct Column {
    source: &'static str,
    /// The part of the source that declares settings begins with the first, and ends with the second or the file.
    part: (&'static str, &'static str),
    name: (&'static str, &'static str),
    /// Public names that are not settings of a user.
    others: &'static [&'static str],
}

/// In the order of the table, from its second column.
const COLUMNS: [Column; 5] = [
    Column {
        source: "crates/aicredits/src/builder.rs",
        part: ("impl ClientBuilder", "pub fn build("),
        name: ("    pub fn ", "("),
        others: &["lookup", "surface"],
    },
    Column {
        source: "include/aicredits.h",
        part: ("\naicredits_config *aicredits_config_new(", "\naicredits_call *aicredits_call_new("),
        name: ("\nvoid aicredits_config_", "("),
        others: &["free", "set_surface"],
    },
    Column {
        source: "include/aicredits/config.hpp",
        part: ("class Config {", "\n};"),
        name: ("\n    Config &", "("),
        others: &["operator="],
    },
    Column {
        source: "bindings/python/python/aicredits/_native.pyi",
        part: ("class Client:", ") -> Self"),
        name: ("\n        ", ":"),
        others: &[],
    },
    Column { source: "bindings/go/options.go", part: ("type Option ", "\x00"), name: ("\nfunc ", "("), others: &[] },
];

impl Column {
    fn names(&self) -> BTreeSet<String> {
        let source = read(self.source);
        let (begin, end) = self.part;
        let (_, rest) = source.split_once(begin).unwrap_or_else(|| panic!("{}: {begin}", self.source));
        let (part, _) = rest.split_once(end).unwrap_or((rest, ""));
        let (before, after) = self.name;
        let names = part.split(before).skip(1).filter_map(|rest| rest.split_once(after)).map(|(name, _)| name);
        // In Go a small first letter means private.
        let is_public = |name: &&str| !self.source.ends_with(".go") || name.starts_with(char::is_uppercase);
        let is_name = |name: &&str| name.chars().all(|c| c.is_alphanumeric() || c == '_') && is_public(name);
        names.filter(is_name).filter(|name| !self.others.contains(name)).map(str::to_owned).collect()
    }
}

/// The names in a cell.
fn names(cell: &str) -> impl Iterator<Item = String> + '_ {
    cell.split('`').skip(1).step_by(2).map(str::to_owned)
}

#[test]
fn the_table_of_settings_has_each_setting_of_each_language_and_no_other() {
    let readme = read("README.md");
    let (_, table) = readme.split_once("| command |\n").expect("a table with the command's options");
    let rows = table.lines().skip(1).take_while(|line| line.starts_with('|'));
    let rows: Vec<Vec<&str>> = rows.map(|row| row.trim_matches('|').split(" |").collect()).collect();
    for (number, column) in COLUMNS.iter().enumerate() {
        let shown: BTreeSet<_> = rows.iter().flat_map(|row| names(row[number + 1])).collect();
        assert_eq!(shown, column.names(), "README.md and {}", column.source);
    }
    let options = read("crates/aicredits-cli/src/connection.rs");
    for option in rows.iter().flat_map(|row| names(row[COLUMNS.len() + 1])) {
        let field = format!("pub(crate) {}:", option.trim_start_matches("--").replace('-', "_"));
        assert!(options.contains(&field), "the command has no {option}");
    }
}

/// The settings of a gate have one name in these languages. In Go they are options, in the last column.
const GATE_COLUMNS: [Column; 4] = [
    Column {
        source: "crates/aicredits/src/gate/builder.rs",
        part: ("impl GateBuilder", "pub fn build("),
        name: ("    pub fn ", "(mut self, value"),
        others: &[],
    },
    Column {
        source: "include/aicredits.h",
        part: ("\naicredits_gate_config *aicredits_gate_config_new(", "\naicredits_status aicredits_gate_new("),
        name: ("\nvoid aicredits_gate_config_set_", "("),
        others: &["account_id", "site_id", "account_and_site_ids", "credential_scope"],
    },
    Column {
        source: "include/aicredits/gate_config.hpp",
        part: ("class GateConfig {", "\n};"),
        name: ("\n    GateConfig &", "("),
        others: &["account_id", "site_id", "account_and_site_ids", "credential_scope"],
    },
    Column {
        source: "bindings/go/gate_options.go",
        part: ("type GateOption ", "\x00"),
        name: ("\nfunc ", "(value"),
        others: &[],
    },
];

#[test]
fn the_table_of_a_gate_s_settings_has_each_setting_of_each_language_and_no_other() {
    compare("| limit | Go |\n", &GATE_COLUMNS);
}

/// The table under this head has the names of all of these sources: the last one is Go, whose names are its own.
fn compare(head: &str, columns: &[Column]) {
    let readme = read("README.md");
    let (_, table) = readme.split_once(head).expect("a table of these settings");
    let rows = table.lines().skip(1).take_while(|line| line.starts_with('|'));
    let rows: Vec<Vec<&str>> = rows.map(|row| row.trim_matches('|').split(" |").collect()).collect();
    let shown: BTreeSet<_> = rows.iter().flat_map(|row| names(row[0])).collect();
    let options: BTreeSet<_> = rows.iter().flat_map(|row| names(row[4])).collect();
    for column in columns {
        let there = column.names();
        if column.source.ends_with(".go") {
            assert_eq!(options, there, "README.md and {}", column.source);
        } else {
            let in_c = |name: String| name.strip_suffix("_ms").map_or(name.clone(), str::to_owned);
            assert_eq!(shown, there.into_iter().map(in_c).collect(), "README.md and {}", column.source);
        }
    }
}

/// The settings of a fleet have one name in these languages.
const FLEET_COLUMNS: [Column; 4] = [
    Column {
        source: "crates/aicredits/src/fleet/builder.rs",
        part: ("impl FleetBuilder", "pub fn start("),
        name: ("    pub fn ", "(mut self, value"),
        others: &[],
    },
    Column {
        source: "include/aicredits.h",
        part: ("\naicredits_fleet_options *aicredits_fleet_options_new(", "\naicredits_status aicredits_fleet_start("),
        name: ("\nvoid aicredits_fleet_options_set_", "("),
        others: &["no_rate"],
    },
    Column {
        source: "include/aicredits/fleet_options.hpp",
        part: ("class FleetOptions {", "\n};"),
        name: ("\n    FleetOptions &", "("),
        others: &["no_rate"],
    },
    Column {
        source: "bindings/go/fleet_options.go",
        part: ("type FleetOption ", "\x00"),
        name: ("\nfunc ", "(value"),
        others: &[],
    },
];

#[test]
fn the_table_of_a_fleet_s_settings_has_each_setting_of_each_language_and_no_other() {
    compare("| limit | Go option |\n", &FLEET_COLUMNS);
}

/// The documents of the repository, apart from those of its folders `crates` and `bindings`.
fn documents() -> Vec<PathBuf> {
    let folders = ["", "docs", "docs/decisions", "tests"].map(|folder| root().join(folder));
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|extension| extension == "md")).collect()
}

/// The anchor that a heading has in a rendered page.
fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    heading.trim_start_matches('#').trim().to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")
}

#[test]
fn links_within_the_repository_have_a_target() {
    let mut links = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for target in relative_links(&text) {
            let (path, heading) = target.split_once('#').unwrap_or((target, ""));
            let file = if path.is_empty() { document.clone() } else { document.parent().unwrap().join(path) };
            assert!(file.exists(), "{} links {target}", document.display());
            let headings = fs::read_to_string(&file).unwrap_or_default();
            let is_there = headings.lines().any(|line| line.starts_with('#') && anchor(line) == heading);
            assert!(heading.is_empty() || is_there, "{} links {target}", document.display());
            links += 1;
        }
    }
    assert!(links > 20, "{links} links");
}
