//! The Go module, in a user's module: with Go, a C compiler and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Checks, Debian, Session};
use crate::go_module::PATH;
use crate::package::release;
use crate::target::{Libc, Target};
use crate::tool::{self, GO, Outcome};

const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The program of a user. It starts the emulator and reads a balance from it.
const PROGRAM: &str = include_str!("go/program.go");
/// In what that program prints.
const BALANCE: &str = "recurring: 850 of 1000";
/// A program without any shared library.
const STATIC: &str = "-ldflags '-linkmode external -extldflags -static'";

/// Builds the program in each way that users have, and runs it.
pub(in crate::package) fn run(checks: &mut Checks) -> Outcome {
    let go = tool::read(GO.command()?.args(["env", "GOROOT"]))?;
    let go = Path::new(go.trim());
    for libc in [Libc::Glibc, Libc::Musl] {
        let ways = if libc == Libc::Glibc { WAYS } else { MUSL_WAYS };
        for target in checks.platforms(libc) {
            if target.runs_here() {
                for &debian in checks.trees(target) {
                    natively(checks, go, debian, target, ways)?;
                }
            } else {
                let place = format!("{} of another processor", target.platform());
                let packages = checks.packages.clone();
                checks.prove("Go: go build with zig cc, run by qemu", &place, || cross(target, &packages));
            }
        }
    }
    Ok(())
}

/// A way to use the module: its name, the commands of a user, and whether it is only for `--all`.
type Way = (&'static str, &'static str, bool);

/// The ways, one after the other in one tree: Go's cache of what it built stays.
fn natively(checks: &mut Checks, go: &Path, debian: Debian, target: &Target, ways: &[Way]) -> Outcome {
    let place = format!("{debian} {}", target.processor);
    let mut tree = Session::new(debian, target.processor, &checks.packages)?;
    tree.show(go, "/usr/local/go");
    tree.show(&tool::root().join("examples/go"), "/examples");
    for &(what, script, is_for_all) in ways {
        if checks.all || !is_for_all {
            checks.prove(&format!("Go: {what}"), &place, || tree.run(&commands(script)));
        }
    }
    Ok(())
}

/// The commands of a way, after those that make a user's module.
fn commands(script: &str) -> String {
    format!(
        "export PATH=/usr/local/go/bin:$PATH GOPROXY=file:///packages/go GONOSUMDB={PATH} GOTOOLCHAIN=local\n\
         export GOFLAGS=-mod=mod PKG_CONFIG=/nowhere MODULE={PATH} VERSION=v{VERSION}\n\
         STATIC=\"{STATIC}\"\n\
         runs() {{ \"$@\" | tee /tmp/printed; grep -q '{BALANCE}' /tmp/printed; }}\n\
         refused() {{ says=$1; shift; if \"$@\" >/tmp/printed 2>&1; then return 1; fi; cat /tmp/printed; grep -q -e \"$says\" /tmp/printed; }}\n\
         is_static() {{ if readelf --dynamic \"$1\" | grep NEEDED; then return 1; fi; }}\n\
         rm -rf /user; mkdir /user; cd /user; go mod init example/user\n\
         cat > program.go <<'END'\n{PROGRAM}END\n\
         go get $MODULE@$VERSION\n{script}"
    )
}

const WAYS: &[Way] = &[
    (
        "go get, go build",
        r#"go build -o program .
runs ./program
if readelf --dynamic program | grep -e libgcc_s -e libaicredits; then exit 1; fi
"#,
        false,
    ),
    (
        "go test with the emulator",
        r#"cp -r /examples/emulator /examples/gate .
go vet ./...
go test ./emulator
"#,
        false,
    ),
    (
        "go mod vendor, go build -mod=vendor",
        r#"go mod tidy
go mod vendor
go clean -modcache
export GOPROXY=off GOFLAGS=-mod=vendor
go build -o program .
runs ./program
"#,
        false,
    ),
    (
        "CGO_ENABLED=0: one clear error",
        r#"export CGO_ENABLED=0
go build -o program .
refused 'CGO_ENABLED=1 and a C compiler' ./program
cp /examples/balance.go program.go
go build -o program .
refused 'CGO_ENABLED=1 and a C compiler' ./program
"#,
        false,
    ),
    (
        "a static program",
        r#"eval go build "$STATIC" -o program .
is_static program
runs ./program
"#,
        false,
    ),
    (
        "no archive for the C compiler or the processor: one clear error",
        r#"refused 'add -tags musl' env CC=musl-gcc go build .
refused 'set CC=musl-gcc' go build -tags musl .
"#,
        false,
    ),
    ("the tests of the module", "go get -t $MODULE/...\ngo test $MODULE/...\n", true),
];

const MUSL_WAYS: &[Way] = &[(
    "a static program, CC=musl-gcc",
    r#"export CC=musl-gcc
eval go build -tags musl "$STATIC" -o program .
is_static program
runs ./program
"#,
    false,
)];

/// Builds on this machine for another processor, as Go's users do, and runs the program in a tree of that processor.
fn cross(target: &'static Target, packages: &Path) -> Outcome {
    let user = release::scratch().join("go-users").join(target.triple);
    tool::remove_folder(&user)?;
    fs::create_dir_all(&user)?;
    fs::write(user.join("program.go"), PROGRAM)?;
    let go = |words: &[&str]| -> Outcome {
        let mut go = GO.command()?;
        go.current_dir(&user).args(words).env("GOMODCACHE", user.join("modules"));
        go.env("GOPROXY", format!("file://{}", packages.join("go").display())).env("GONOSUMDB", PATH);
        // Without the second one, nobody could remove that folder.
        go.env("GOTOOLCHAIN", "local").env("GOFLAGS", "-mod=mod -modcacherw");
        go.env("GOOS", "linux").env("GOARCH", target.go()).env("CGO_ENABLED", "1").env("CC", zig(target)?);
        // Go keeps lists of a module's files by its path and version, and an earlier build may have had other files.
        go.env("GODEBUG", "goindex=0");
        if target.libc == Libc::Glibc {
            // GCC links an unwinder by itself, zig does not.
            go.env("CGO_LDFLAGS", "-lunwind");
        }
        tool::run(&mut go)
    };
    go(&["mod", "init", "example/user"])?;
    go(&["get", &format!("{PATH}@v{VERSION}")])?;
    let mut build = vec!["build", "-o", "program"];
    if target.libc == Libc::Musl {
        build.extend(["-tags", "musl", "-ldflags", "-linkmode external -extldflags -static"]);
    }
    go(&build)?;
    let tree = match target.libc {
        Libc::Glibc => Session::new(Debian::Bullseye, target.processor, packages)?,
        Libc::Musl => Session::empty(target.processor)?,
    };
    tree.copy(&user.join("program"), "/program")?;
    let printed = tree.read_program(&["/program"])?;
    if printed.contains(BALANCE) { Ok(()) } else { Err(format!("it printed: {printed}").into()) }
}

/// The C compiler as Go takes it: words that it splits at blanks outside of quotes.
fn zig(target: &Target) -> Outcome<String> {
    let words = release::toolchain(target)?.cc;
    let quoted = words.iter().map(|word| format!("'{}'", PathBuf::from(word).display()));
    Ok(quoted.collect::<Vec<_>>().join(" "))
}
