//! The wheels and the source distribution: pip installs them, and a program calls the emulator.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Checks, Needs, Session};
use crate::package::release;
use crate::python;
use crate::target::{Libc, Target};
use crate::tool::{self, FREE_THREADED_PYTHON, LATER_PYTHON, MUSL_PYTHON, Outcome, PYTHON, Tool};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The limit of a wheel.
const LARGEST: u64 = 5_000_000;

/// The environment that has the judges.
const JUDGES: &str = "judges";

/// A user's first program. It ends with [`DONE`].
const PROGRAM: &str = r#"import sys
import aicredits

assert "aicredits._tools" not in sys.modules
from aicredits.testing import Emulator

with Emulator("example") as emulator, emulator.client() as client:
    assert client.get_balance().available == 1050
print("the call is", "done")
"#;
const DONE: &str = "the call is done";

/// A user's first lines with the entry point. `$P` is the folder of the programs.
const COMMAND: &str = r#"$P/aicredits --version
$P/aicredits emulator exec -- $P/aicredits balance --output csv | grep ',850,'
$P/python -m aicredits emulator exec -- $P/aicredits check 40
if $P/aicredits emulator exec -- $P/aicredits check 4000; then exit 3; else test $? = 1; fi
"#;

/// Installs the wheel as a user does, without a network. From Debian 12 on, that needs an environment.
const INSTALL: &str = r#"export PIP_DISABLE_PIP_VERSION_CHECK=1
python3 -m venv /opt/user
P=/opt/user/bin
find /opt/user | sort > /tmp/before
$P/pip --version
$P/pip install --no-index --only-binary :all: --find-links /packages aicredits
$P/pip check
"#;

/// Nothing is left but caches of pip itself.
const UNINSTALL: &str = r#"$P/pip uninstall --yes aicredits
find /opt/user | grep -v __pycache__ | sort > /tmp/after
grep -v __pycache__ /tmp/before | diff - /tmp/after
"#;

/// The wheels for Python 3.9 and later.
pub(in crate::package) fn run(checks: &mut Checks) -> Outcome {
    for target in checks.targets.clone() {
        judge(checks, target, "abi3");
        if target.libc == Libc::Musl {
            imported(checks, &MUSL_PYTHON, target, "abi3");
            continue;
        }
        for &debian in checks.trees(target) {
            checks.prove_in(debian, target, Needs::Compiler, "wheel: pip, a call, the entry point, uninstall", used);
        }
    }
    Ok(())
}

/// The wheels for a free-threaded Python.
pub(in crate::package) fn run_free_threaded(checks: &mut Checks) -> Outcome {
    for target in checks.targets.clone() {
        for (abi, python) in [("cp314t", &FREE_THREADED_PYTHON), ("abi3.abi3t", &LATER_PYTHON)] {
            judge(checks, target, abi);
            imported(checks, python, target, abi);
        }
    }
    Ok(())
}

/// Imports the wheel, unpacked, with a Python that was built for the purpose: it may lack pip.
fn imported(checks: &mut Checks, python: &Tool, target: &Target, abi: &str) {
    let (what, place) = (format!("wheel {abi}: import, a call, the entry point"), target.platform());
    if !target.runs_here() {
        return checks.not_run(&what, &place, "this machine does not run its processor, and no tree has such a Python");
    }
    let python = match python.find() {
        Ok(python) => python,
        Err(missing) => return checks.not_run(&what, &place, &missing.to_string()),
    };
    let packages = checks.packages.clone();
    checks.prove(&what, &place, || {
        let folder = env::temp_dir().join(format!("aicredits-wheel-{}", std::process::id()));
        let mut unpack = tool::command(PYTHON.find()?);
        tool::run(unpack.args(["-m", "zipfile", "--extract"]).arg(wheel(&packages, target, abi)?).arg(&folder))?;
        fs::write(folder.join("program.py"), PROGRAM)?;
        let mut script = tool::command("sh");
        script.current_dir(&folder).env("PYTHON", python).env("PYTHONPATH", &folder);
        script
            .args(["-euc", "$PYTHON program.py\n$PYTHON -m aicredits emulator exec -- $PYTHON -m aicredits check 40"]);
        let printed = tool::read(&mut script);
        fs::remove_dir_all(&folder)?;
        done(&printed?)
    });
}

/// Installs what pip chooses from all packages, uses it, and removes it.
fn used(tree: &mut Session) -> Outcome {
    let printed = tree.read(&format!(
        "{INSTALL}cat > /tmp/program.py <<'END'\n{PROGRAM}END\n$P/python /tmp/program.py\n{COMMAND}{UNINSTALL}"
    ))?;
    done(&printed)
}

fn done(printed: &str) -> Outcome {
    if printed.contains(DONE) { Ok(()) } else { Err(format!("it printed: {printed}").into()) }
}

/// Checks the size of a wheel, and both modules with auditwheel and abi3audit. abi3audit does not know `abi3t`.
fn judge(checks: &mut Checks, target: &Target, abi: &str) {
    let packages = checks.packages.clone();
    let size = if checks.all { "size, " } else { "" };
    let judges = if abi == "abi3" { "auditwheel, abi3audit" } else { "auditwheel" };
    let limit = checks.size_limit(LARGEST);
    checks.prove(&format!("wheel {abi}: {size}{judges}"), &target.platform(), || {
        let wheel = wheel(&packages, target, abi)?;
        limit.check(&wheel)?;
        python::environment(JUDGES, &PYTHON.find()?, &python::pinned(&["abi3audit", "auditwheel"])?)?;
        let mut auditwheel = python::within(JUDGES, "auditwheel");
        auditwheel.arg("show");
        if target.libc == Libc::Musl {
            // Else it would look at this machine's libraries, where musl's name may be another file.
            auditwheel.arg("--ldpaths").arg(release::musl());
        }
        let platform = tool::read(auditwheel.arg(&wheel))?;
        let name = wheel.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let tag = name.rsplit('-').next().unwrap_or_default();
        if !platform.contains(&format!("\"{tag}\"")) {
            return Err(format!("{name} has the wrong platform in its name: {platform}").into());
        }
        if abi == "abi3" {
            tool::run(python::within(JUDGES, "abi3audit").args(["--strict", "--summary"]).arg(&wheel))?;
        }
        Ok(())
    });
}

/// The one wheel of a platform and an ABI.
fn wheel(packages: &Path, target: &Target, abi: &str) -> Outcome<PathBuf> {
    let libc = if target.libc == Libc::Musl { "musllinux" } else { "manylinux" };
    for entry in fs::read_dir(packages)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_it = name.contains(&format!("-{abi}-{libc}_")) && name.ends_with(&format!("_{}.whl", target.processor));
        if is_it {
            return Ok(path);
        }
    }
    Err(format!("there is no wheel {abi} for {}", target.platform()).into())
}

/// The source distribution, far from the repository.
pub(in crate::package) fn run_source(checks: &mut Checks) -> Outcome {
    let packages = checks.packages.clone();
    checks.prove("sdist: pip wheel, a call, the entry point", "an empty folder of this machine", || {
        let folder = env::temp_dir().join(format!("aicredits-sdist-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let outcome = built_from_source(&packages, &folder);
        fs::remove_dir_all(&folder)?;
        outcome
    });
    Ok(())
}

fn built_from_source(packages: &Path, folder: &Path) -> Outcome {
    release::environment()?;
    let mut script = tool::command("sh");
    script.current_dir(folder).env("PATH", python::path(release::VENV)?).env("CARGO_TARGET_DIR", tool::cargo_target());
    script.env("PIP_DISABLE_PIP_VERSION_CHECK", "1").env("PIP_QUIET", "1").env("SDIST", packages);
    script.arg("-euc").arg(format!(
        "tar -xzf \"$SDIST\"/aicredits-{VERSION}.tar.gz\n\
         python -m pip wheel --no-deps --no-build-isolation --wheel-dir wheels ./aicredits-{VERSION}\n\
         rm -r aicredits-{VERSION}\n\
         python -m venv user\nP=$PWD/user/bin\n\
         $P/python -m pip install --no-index wheels/*.whl\n$P/python -m pip check\n\
         cat > program.py <<'END'\n{PROGRAM}END\n$P/python program.py\n{COMMAND}"
    ));
    done(&tool::read(&mut script)?)
}
