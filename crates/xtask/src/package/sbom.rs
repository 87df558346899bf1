//! The software bill of materials of each file: CycloneDX 1.5 as JSON, which the tools of Rust write, too.
//!
//! The same file gives the same bytes: entries are sorted, there is no serial number, and the time is the commit's.

use std::fs;
use std::path::{Path, PathBuf};

use super::release::VERSION;
use super::{release, runtime};
use crate::licenses;
use crate::linked::{self, Crate, Graph};
use crate::runtime::Runtime;
use crate::target::{TARGETS, Target};
use crate::tool::{self, Outcome};

/// Of the files.
const SUFFIX: &str = ".cdx.json";

/// The members of the workspace that files contain, by a part of the files' names. The first one that fits counts.
const MEMBERS: &[(&str, &[&str])] = &[
    ("-debug.tar.gz", C_AND_COMMAND),
    (".whl", &["aicredits-python", "aicredits-python-tools"]),
    ("aicredits-emulator-", &["aicredits-emulator"]),
    ("aicredits-cli-", &["aicredits-cli"]),
    (".crate", &["aicredits"]),
    ("libaicredits", C_LIBRARIES),
    (".zip", C_LIBRARIES),
    (".deb", &["aicredits-cli"]),
    ("-linux-x86_64.tar.gz", C_AND_COMMAND),
    ("-linux-x86_64-musl.tar.gz", C_AND_COMMAND),
    ("-linux-aarch64.tar.gz", C_AND_COMMAND),
    ("-linux-aarch64-musl.tar.gz", C_AND_COMMAND),
    (".tar.gz", &["aicredits-python", "aicredits-python-tools"]),
    ("-linux-", &["aicredits-cli"]),
];
const C_LIBRARIES: &[&str] = &["aicredits-ffi", "aicredits-emulator-ffi"];
const C_AND_COMMAND: &[&str] = &["aicredits-ffi", "aicredits-emulator-ffi", "aicredits-cli"];

/// Files that are text, and contain nothing of others, by the ends of their names: notices, and those of a Go proxy.
const TEXT: [&str; 4] = [licenses::FILE_NAME, "/list", ".info", ".mod"];

/// Whether a file has one.
pub(super) fn describes(file: &Path) -> bool {
    let name = file.to_string_lossy();
    !TEXT.iter().any(|end| name.ends_with(end))
}

/// Where that of a file is.
pub(super) fn of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(SUFFIX);
    name.into()
}

/// Writes it next to a file of this platform, or of none.
pub(super) fn write(file: &Path, target: Option<&Target>) -> Outcome<PathBuf> {
    let name = file.file_name().and_then(|name| name.to_str()).ok_or("its name is not UTF-8")?;
    let targets: Vec<&Target> = target.map_or_else(|| TARGETS.iter().collect(), |target| vec![target]);
    let graph = linked::graph(members(name)?, &targets)?;
    let runtime = if is_source(name) { Vec::new() } else { runtime::of_a_release(&targets)? };
    let sum = tool::read(tool::command("sha256sum").arg(file))?;
    let sum = sum.split(' ').next().unwrap_or_default();
    let written = of(file);
    fs::write(&written, text(name, sum, &time()?, &graph, &runtime))?;
    Ok(written)
}

fn members(name: &str) -> Outcome<&'static [&'static str]> {
    let row = MEMBERS.iter().find(|(part, _)| name.contains(part));
    Ok(row.map(|(_, members)| *members).ok_or_else(|| format!("{name}: `MEMBERS` does not say what it contains"))?)
}

/// Sources contain nothing of others. Their entries are what a build brings.
fn is_source(name: &str) -> bool {
    name.ends_with(".crate") || (name.ends_with(".tar.gz") && !name.contains("-linux-"))
}

/// The commit's, in UTC.
fn time() -> Outcome<String> {
    let seconds = release::commit_time()?;
    Ok(tool::read(tool::command("date").args(["--utc", "+%Y-%m-%dT%H:%M:%SZ", "--date"]).arg(format!("@{seconds}")))?
        .trim()
        .to_owned())
}

fn text(name: &str, sum: &str, time: &str, graph: &Graph, runtime: &[Runtime]) -> String {
    let components: Vec<String> =
        graph.crates.iter().map(component).chain(runtime.iter().map(runtime_component)).collect();
    let edges = graph.crates.iter().zip(&graph.depends_on).map(|(it, below)| {
        let below: Vec<_> = below.iter().map(|&index| quoted(&purl(&graph.crates[index]))).collect();
        format!("    {{\"ref\": {}, \"dependsOn\": [{}]}}", quoted(&purl(it)), below.join(", "))
    });
    format!(
        "{{
  \"$schema\": \"http://cyclonedx.org/schema/bom-1.5.schema.json\",
  \"bomFormat\": \"CycloneDX\",
  \"specVersion\": \"1.5\",
  \"version\": 1,
  \"metadata\": {{
    \"timestamp\": {time},
    \"tools\": {{\"components\": [{{\"type\": \"application\", \"name\": \"aicredits-xtask\", \"version\": \"{VERSION}\"}}]}},
    \"component\": {{\"type\": \"file\", \"bom-ref\": {name}, \"name\": {name}, \"version\": \"{VERSION}\", \
         \"hashes\": [{hash}], \"licenses\": [{{\"expression\": \"MIT OR Apache-2.0\"}}]}}
  }},
  \"components\": [
{components}
  ],
  \"dependencies\": [
{edges}
  ]
}}
",
        time = quoted(time),
        name = quoted(name),
        hash = hash(sum),
        components = components.join(",\n"),
        edges = edges.collect::<Vec<_>>().join(",\n"),
    )
}

fn component(it: &Crate) -> String {
    let purl = quoted(&purl(it));
    let mut text = format!(
        "    {{\"type\": \"library\", \"bom-ref\": {purl}, \"name\": {}, \"version\": {}, \"licenses\": [{{\"expression\": {}}}], \"purl\": {purl}",
        quoted(&it.name),
        quoted(&it.version),
        quoted(&it.license),
    );
    if let Some(sum) = &it.checksum {
        text += &format!(", \"hashes\": [{}]", hash(sum));
    }
    if !it.repository.is_empty() {
        let url = quoted(&it.repository);
        text += &format!(", \"externalReferences\": [{{\"type\": \"vcs\", \"url\": {url}}}]");
    }
    text + "}"
}

fn runtime_component(it: &Runtime) -> String {
    let purl = quoted(&format!("pkg:generic/{}@{}", it.name, it.version));
    format!(
        "    {{\"type\": \"library\", \"bom-ref\": {purl}, \"name\": {}, \"version\": {}, \"licenses\": [{{\"expression\": {}}}], \"purl\": {purl}}}",
        quoted(it.name),
        quoted(&it.version),
        quoted(it.license),
    )
}

fn purl(it: &Crate) -> String {
    format!("pkg:cargo/{}@{}", it.name, it.version.replace('+', "%2B"))
}

fn hash(sum: &str) -> String {
    format!("{{\"alg\": \"SHA-256\", \"content\": {}}}", quoted(sum))
}

/// As a string of JSON.
fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|it| match it {
        '"' | '\\' => format!("\\{it}"),
        _ if it.is_control() => format!("\\u{:04x}", u32::from(it)),
        _ => it.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn example() -> String {
        let it = |name: &str, checksum: Option<&str>| Crate {
            name: name.into(),
            version: "1.0.0+b".into(),
            license: "MIT OR Apache-2.0".into(),
            repository: checksum.map_or(String::new(), |_| "https://example.com/\"r".into()),
            checksum: checksum.map(str::to_owned),
        };
        let sum = "0123456789abcdef".repeat(4);
        let graph = Graph {
            crates: vec![it("log", Some(&sum)), it("ours", None)],
            depends_on: vec![BTreeSet::new(), BTreeSet::from([0])],
        };
        let runtime = Runtime { name: "musl", version: "1.2.5".into(), license: "MIT", notice: "", text: None };
        text("a.tar.gz", &sum, "2026-01-02T03:04:05Z", &graph, &[runtime])
    }

    #[test]
    fn entries_name_their_licences_and_what_they_depend_on() {
        let text = example();
        assert!(text.contains("{\"ref\": \"pkg:cargo/ours@1.0.0%2Bb\", \"dependsOn\": [\"pkg:cargo/log@1.0.0%2Bb\"]}"));
        assert!(text.contains("\"licenses\": [{\"expression\": \"MIT OR Apache-2.0\"}]"));
        assert!(text.contains("\"purl\": \"pkg:generic/musl@1.2.5\""));
        assert!(!text.contains("serialNumber"));
    }

    #[test]
    fn each_file_has_members() {
        for (name, member) in [
            ("aicredits-1.2.3-linux-x86_64.tar.gz", "aicredits-cli"),
            ("aicredits-1.2.3-linux-x86_64-musl-debug.tar.gz", "aicredits-ffi"),
            ("aicredits-1.2.3-linux-aarch64", "aicredits-cli"),
            ("aicredits-1.2.3-cp39-abi3-manylinux_2_28_x86_64.whl", "aicredits-python"),
            ("aicredits-1.2.3.tar.gz", "aicredits-python"),
            ("aicredits-cli-1.2.3.crate", "aicredits-cli"),
            ("aicredits-1.2.3.crate", "aicredits"),
            ("aicredits-emulator-1.2.3.crate", "aicredits-emulator"),
            ("libaicredits0_1.2.3_amd64.deb", "aicredits-ffi"),
            ("aicredits_1.2.3_amd64.deb", "aicredits-cli"),
            ("v1.2.3.zip", "aicredits-ffi"),
        ] {
            assert!(members(name).unwrap().contains(&member), "{name}");
        }
        assert!(members("readme.txt").is_err());
        assert!(is_source("aicredits-1.2.3.tar.gz") && !is_source("aicredits-1.2.3-linux-x86_64.tar.gz"));
    }
}
