//! Help, completions and the manual page, which are made from the definition of the arguments.

use std::process::Command;

use crate::process::{aicredits, path, run};

#[test]
fn bash_completes_with_the_script() {
    let completed = |words: &str| {
        let script = format!(
            "source <(aicredits completions bash) && complete -p aicredits >&2 && \
             COMP_WORDS=({words}) && COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)) && \
             _aicredits aicredits \"${{COMP_WORDS[-1]}}\" \"${{COMP_WORDS[-2]}}\" && echo \"${{COMPREPLY[@]}}\""
        );
        let mut command = Command::new("bash");
        command.env_clear().env("PATH", path()).args(["--norc", "-c", &script]);
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.starts_with("complete ") && said.ends_with(" -F _aicredits aicredits\n"), "{said}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(completed("aicredits b"), "balance balances\n");
    assert_eq!(completed("aicredits balances --resume"), "--resume --resume-max-age\n");
    assert_eq!(completed("aicredits balance --a"), "--account --api-key-file\n");
    assert_eq!(completed("aicredits check --wa"), "--wanted\n");
    assert_eq!(completed("aicredits ch"), "check\n");
    assert_eq!(completed("aicredits completions f"), "fish\n");
}

#[test]
fn the_other_shells_have_scripts() {
    let zsh = run(aicredits(&["completions", "zsh"])).success();
    assert!(zsh.starts_with("#compdef aicredits\n") && zsh.contains("'--api-key-file=["), "{zsh}");
    let fish = run(aicredits(&["completions", "fish"])).success();
    assert!(fish.contains("complete -c aicredits") && fish.contains("-l api-key-file"), "{fish}");
    assert!(run(aicredits(&["completions", "tcsh"])).failure(64).contains("bash, zsh, fish"));
}

#[test]
fn the_manual_page_is_one_of_section_1() {
    let page = run(aicredits(&["man"])).success();
    assert!(page.contains(".TH aicredits 1"), "{page}");
    let sections: Vec<_> = page.lines().filter_map(|line| line.strip_prefix(".SH ")).collect();
    assert_eq!(sections[..2], ["NAME", "SYNOPSIS"]);
    assert_eq!(sections[sections.len() - 2..], ["\"EXIT STATUS\"", "ENVIRONMENT"]);
}

#[test]
fn the_help_lists_every_exit_code() {
    for args in [vec!["--help"], vec!["balance", "--help"], vec!["check", "--help"]] {
        let help = run(aicredits(&args)).success();
        for code in [0, 1, 2, 64, 65, 66, 69, 70, 74, 75, 76, 77, 124, 126, 127, 141] {
            assert!(help.contains(&format!("\n  {code:>3}  ")), "{code}: {help}");
        }
    }
    let version = run(aicredits(&["--version"])).success();
    assert_eq!(version, format!("aicredits {}\n", env!("CARGO_PKG_VERSION")));
}
