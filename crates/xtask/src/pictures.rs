//! The README's pictures, made from what the programs print with the emulator.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::demo;
use crate::emulator::Emulator;
use crate::python;
use crate::terminal;
use crate::tool::{self, CHROMIUM, Outcome, PYTHON};

fn folder() -> PathBuf {
    tool::root().join("docs/images")
}

/// `cargo xtask pictures [--check]`.
pub(crate) fn command(arguments: &[String]) -> Outcome {
    match arguments {
        [] => write(),
        [option] if option == "--check" => check(),
        _ => Err("takes nothing or --check".into()),
    }
}

fn write() -> Outcome {
    demo::build("building the command and the Python package", &demo::PACKAGES, &[])?;
    fs::create_dir_all(folder())?;
    fs::write(folder().join("command.svg"), command_picture()?)?;
    notebook_picture(&folder().join("notebook.png"))
}

/// The picture of the command is compared with what the command prints now. That of the notebook is not: its pixels depend
/// on fonts.
pub(crate) fn check() -> Outcome {
    demo::build("building the command", &demo::PACKAGES, &["--bins"])?;
    let picture = fs::read_to_string(folder().join("command.svg"))?;
    if picture == command_picture()? {
        Ok(())
    } else {
        Err("docs/images/command.svg is out of date: `cargo xtask pictures` writes it".into())
    }
}

fn command_picture() -> Outcome<String> {
    let emulator = Emulator::start(&demo::folder())?;
    let mut command = tool::command(demo::folder().join("aicredits"));
    command.arg("balance").env("CLICOLOR_FORCE", "1").env_remove("NO_COLOR");
    emulator.speak_to(&mut command);
    let output = command.env("LC_ALL", "C.UTF-8").output()?;
    if !output.status.success() {
        return Err(tool::failure(&command, output.status));
    }
    let output = String::from_utf8(output.stdout)?;
    // The emulator's port is another one each time.
    let address = emulator.address().ok_or("the emulator has no address")?;
    Ok(terminal::svg("aicredits balance", &output.replace(address, "http://127.0.0.1:8080")))
}

const CELL: &str = "import aicredits

client = aicredits.Client.from_env()
client.get_balance()";

fn notebook_picture(picture: &Path) -> Outcome {
    let path = demo::folder().join("python");
    python::in_place(&demo::folder(), &path)?;
    let emulator = Emulator::start(&demo::folder())?;
    let mut python = PYTHON.command()?;
    // As a notebook does with the value of a cell's last line.
    let code = format!("{}\nprint(_._repr_html_())", CELL.replace("client.get_balance()", "_ = client.get_balance()"));
    emulator.speak_to(python.env("PYTHONPATH", path).arg("-c").arg(code));
    let page = demo::folder().join("notebook.html");
    fs::write(&page, notebook(&tool::read(&mut python)?))?;
    screenshot(&mut CHROMIUM.command()?, &page, picture)
}

/// A cell and its value, as Jupyter shows them.
fn notebook(value: &str) -> String {
    format!(
        r#"<!doctype html><meta charset="utf-8"><style>
body {{ margin: 16px; font: 14px "DejaVu Sans", sans-serif; background: #fff; color: #222 }}
.cell {{ display: grid; grid-template-columns: 4em 1fr; gap: 8px; margin-bottom: 8px }}
.label {{ color: #777; font: 13px "DejaVu Sans Mono", monospace; padding-top: 9px }}
pre {{ margin: 0; padding: 8px 12px; background: #f5f5f5; border: 1px solid #ddd; font: 13px "DejaVu Sans Mono", monospace }}
table {{ border-collapse: collapse; font-size: 13px; white-space: nowrap }}
td, th {{ padding: 5px 9px; text-align: right }}
tr:nth-child(even) {{ background: #f5f5f5 }}
</style>
<div class="cell"><div class="label">[1]:</div><pre>{CELL}</pre></div>
<div class="cell"><div class="label">[1]:</div><div>{value}</div></div>
"#
    )
}

fn screenshot(browser: &mut Command, page: &Path, picture: &Path) -> Outcome {
    // Its sandbox does not work for root and in many containers, and the page is our own.
    browser.args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=2"]);
    browser.arg("--window-size=860,290").arg(format!("--screenshot={}", picture.display()));
    // It complains of missing services of a desktop.
    browser.stderr(Stdio::null());
    tool::run(browser.arg(format!("file://{}", page.display())))
}
