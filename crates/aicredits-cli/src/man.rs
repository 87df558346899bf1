//! The manual page: one for all commands, from the definition of the arguments.

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::args::{Args, VARIABLES, check_examples, emulator_examples};
use crate::exit::Exit;

pub(crate) fn page() -> Vec<u8> {
    let mut command = Args::command().disable_help_subcommand(true);
    command.build();
    let mut page = Vec::new();
    write(&command, &mut page).expect("writing to a vector never fails");
    page
}

fn write(command: &Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    let commands: Vec<_> = command.get_subcommands().cloned().collect();
    let man = Man::new(command.clone()).manual("aicredits");
    man.render_title(page)?;
    man.render_name_section(page)?;
    synopsis(&commands).to_writer(page)?;
    for command in commands {
        section(&command).to_writer(page)?;
        page.extend(options(&command)?.into_bytes());
    }
    let codes = Exit::ALL.map(|exit| (exit.code().to_string(), exit.meaning()));
    list("EXIT STATUS", &codes).to_writer(page)?;
    list("ENVIRONMENT", &VARIABLES.map(|(name, meaning)| (name.to_owned(), meaning))).to_writer(page)
}

fn synopsis(commands: &[Command]) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    for command in commands {
        let usage = command.clone().render_usage().to_string();
        roff.text([roman(usage.trim_start_matches("Usage: "))]).control("br", []);
    }
    roff
}

fn section(command: &Command) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", [title(command).as_str()]);
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    // The lists of exit statuses and variables in the help are separate sections here.
    let examples = match command.get_name() {
        "emulator" => emulator_examples(),
        "check" => check_examples(),
        _ => String::new(),
    };
    for paragraph in about.split("\n\n") {
        roff.text([roman(paragraph)]).control("PP", []);
    }
    if !examples.is_empty() {
        roff.control("EX", []).text([roman(examples)]).control("EE", []);
    }
    roff
}

/// The command's arguments as a part of its section. The generator would make a separate section.
fn options(command: &Command) -> std::io::Result<String> {
    let mut options = Vec::new();
    let command = command.clone().mut_arg("help", |help| help.hide(true));
    Man::new(command).render_options_section(&mut options)?;
    Ok(String::from_utf8_lossy(&options).replace(".SH OPTIONS", ".SS Options"))
}

fn title(command: &Command) -> String {
    format!("AICREDITS {}", command.get_name().to_uppercase())
}

fn list(title: &str, items: &[(String, &str)]) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", [title]);
    for (name, meaning) in items {
        roff.control("TP", []).text([bold(name)]).text([roman(*meaning)]);
    }
    roff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_command_argument_exit_code_and_variable() {
        let page = String::from_utf8(page()).unwrap();
        let has = |text: &str| assert!(page.contains(text), "{text} is not in {page}");
        let mut command = Args::command().disable_help_subcommand(true);
        command.build();
        for command in command.get_subcommands() {
            has(&format!(".SH \"AICREDITS {}\"", command.get_name().to_uppercase()));
            for name in
                command.get_arguments().filter_map(|argument| argument.get_long()).filter(|name| *name != "help")
            {
                has(&format!("\\fB\\-\\-{}\\fR", name.replace('-', "\\-")));
            }
        }
        for exit in Exit::ALL {
            has(&format!(".TP\n\\fB{}\\fR\n", exit.code()));
        }
        for (name, _) in VARIABLES {
            has(&format!(".TP\n\\fB{name}\\fR\n"));
        }
    }
}
