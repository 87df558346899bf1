// A placeholder: the domain does not exist. `crates/xtask/src/go_module.rs` has the path, and README.md shows how to use the
// module from a folder.
module aicredits.example/aicredits

go 1.24
