//! Planted faults, each in a small separate crate.

use super::graph::Graph;
use super::parse;
use super::rules::{against_the_order, engine_files, forbidden, order};

fn graph(modules: &[(&[&str], &str)]) -> Graph {
    Graph::new(modules.iter().flat_map(|(path, source)| parse::module(path, source)).collect())
}

fn cycles(modules: &[(&[&str], &str)]) -> Vec<String> {
    graph(modules).cycles()
}

const ROOT: (&[&str], &str) = (&[], "mod a; mod b; pub use a::A; pub use b::B;");

#[test]
fn a_direct_cycle_is_found() {
    let found = cycles(&[ROOT, (&["a"], "use crate::b::B; pub struct A;"), (&["b"], "use crate::a::A; pub struct B;")]);
    assert_eq!(found, ["a imports b (crate::b::B), b imports a (crate::a::A)"]);
}

#[test]
fn a_cycle_through_re_exports_at_the_root_is_found() {
    let found =
        cycles(&[ROOT, (&["a"], "use crate::{B, text}; pub struct A;"), (&["b"], "use crate::A; pub struct B;")]);
    assert_eq!(found, ["a imports b (crate::B), b imports a (crate::A)"]);
}

#[test]
fn a_cycle_through_super_is_found() {
    let found = cycles(&[
        ROOT,
        (&["a"], "mod inner; pub struct A; fn f() { inner::g() }"),
        (&["a", "inner"], "use super::A; pub fn g() {}"),
        (&["b"], "pub struct B;"),
    ]);
    assert_eq!(found, ["a imports a::inner (inner::g), a::inner imports a (super::A)"]);
    let found = cycles(&[ROOT, (&["a"], "use super::b::B; pub struct A;"), (&["b"], "use super::A; pub struct B;")]);
    assert_eq!(found.len(), 1);
}

#[test]
fn a_cycle_in_code_in_macros_and_through_globs_is_found() {
    for import in [
        "fn f() -> crate::a::A { todo!() }",
        "fn f() { println!(\"{}\", crate::a::f()); }",
        "use crate::a::*;",
        "use crate::a; fn f() { a::f() }",
        "fn f() { use crate::a::A; }",
        "use crate::a::A as Other;",
        "pub use crate::a::{A};",
    ] {
        let a = "use crate::b::B; pub struct A; pub fn f() {}";
        let found = cycles(&[ROOT, (&["a"], a), (&["b"], &format!("{import} pub struct B;"))]);
        assert_eq!(found.len(), 1, "{import}");
    }
}

#[test]
fn a_cycle_of_three_is_named_once() {
    let found = cycles(&[
        (&[], "mod a; mod b; mod c;"),
        (&["a"], "use crate::b::B; pub struct A;"),
        (&["b"], "use crate::c::C; pub struct B;"),
        (&["c"], "use crate::a::A; pub struct C;"),
    ]);
    assert_eq!(found, ["a imports b (crate::b::B), b imports c (crate::c::C), c imports a (crate::a::A)"]);
}

#[test]
fn a_cycle_through_a_name_that_a_macro_defines_is_found() {
    let b = "use crate::a::A; pub struct B;";
    let found = cycles(&[ROOT, (&["a"], "use crate::b::B; table! { A: 1 }"), (&["b"], b)]);
    assert_eq!(found, ["a imports b (crate::b::B), b imports a (crate::a::A)"]);
    // A glob does not find every name there.
    let found = cycles(&[
        (&[], "mod a; mod b; mod c;"),
        (&["a"], "use crate::c::C; table! { A: 1 }"),
        (&["b"], "table! { B: 1 }"),
        (&["c"], "use crate::b::*; use crate::a::*; pub struct C; fn f() -> B { Some(B) }"),
    ]);
    assert_eq!(found, ["a imports c (crate::c::C), c imports a (crate::a::*)"]);
}

#[test]
fn a_front_door_and_tests_make_no_cycle() {
    let found = cycles(&[
        ROOT,
        // A parent that re-exports its children, which import one another through it.
        (&["a"], "mod x; mod y; pub use x::X; pub use y::Y; pub use x::X as A;"),
        (&["a", "x"], "pub struct X;"),
        (&["a", "y"], "use super::X; use crate::b::B; pub struct Y;"),
        (&["b"], "pub struct B; #[cfg(test)] mod tests { use crate::a::Y; } #[cfg(test)] use crate::a::A;"),
    ]);
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn an_import_against_the_order_is_found() {
    let lines = order("| 1 | `a` |\n| 2 | `b` |\n").unwrap();
    let fine = graph(&[ROOT, (&["a"], "pub struct A;"), (&["b"], "use crate::A; pub struct B;")]);
    assert_eq!(against_the_order(&fine, &lines), Vec::<String>::new());

    let wrong = graph(&[ROOT, (&["a"], "use crate::B; pub struct A;"), (&["b"], "pub struct B;")]);
    let [fault] = &against_the_order(&wrong, &lines)[..] else { panic!("one fault") };
    assert!(fault.starts_with("a (line 1 of docs/architecture.md) imports b (line 2): crate::B"), "{fault}");

    let unknown = graph(&[(&[], "mod a; mod c;"), (&["a"], "pub struct A;"), (&["c"], "use crate::a::A;")]);
    assert_eq!(against_the_order(&unknown, &lines), ["c is in no line of docs/architecture.md"]);
}

#[test]
fn an_import_of_settings_below_the_builder_is_found() {
    let settings: (&[&str], &str) = (&["settings"], "table! { Setting: 1 }");
    let with = |source| {
        let root = "mod builder; mod net; mod settings; pub use settings::Setting as Public;";
        let builder = "use crate::settings::Setting; pub struct Builder;";
        let net = "mod proxy; pub struct Net;";
        forbidden(&graph(&[
            (&[], root),
            (&["builder"], builder),
            settings,
            (&["net"], net),
            (&["net", "proxy"], source),
        ]))
    };
    assert_eq!(with("pub struct Proxy;"), Vec::<String>::new());
    for (source, import) in [
        ("use crate::settings::Setting;", "crate::settings::Setting"),
        ("use crate::Public;", "crate::Public"),
        ("fn f() { crate::settings::Setting; }", "crate::settings::Setting"),
    ] {
        let fault = format!("net::proxy imports {import}; net must not import settings (docs/architecture.md)");
        assert_eq!(with(source), [fault], "{source}");
    }
}

#[test]
fn the_engine_is_used_in_its_files_alone() {
    let other = graph(&[(&[], "use ureq_proto::BodyMode;")]);
    let fault = engine_files(&other, std::path::Path::new("")).unwrap();
    assert!(fault.starts_with("ureq_proto is used in [\"test.rs\"]"), "{fault}");
}

#[test]
fn the_order_is_read_from_the_page() {
    let page = "| line | modules |\n|---|---|\n| 1 | `text`, `count` | values |\n| 2 | `error` | |\n";
    let lines = order(page).unwrap();
    assert_eq!(lines.into_iter().collect::<Vec<_>>(), [("count".into(), 1), ("error".into(), 2), ("text".into(), 1)]);
    assert!(order("no table").is_err());
}
