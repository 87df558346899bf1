//! The package of CMake. It finds everything from its own place, so the tree may be moved.

use super::place::Place;
use crate::dist::LINKS_WITH;
use crate::library::{C_LIBRARIES, CLibrary};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The file that `find_package` reads.
pub(super) fn config(place: &Place) -> String {
    let [shared, archive] = C_LIBRARIES[0].targets;
    let listed: Vec<_> = C_LIBRARIES.iter().flat_map(|library| library.targets).collect();
    let [_, _, others @ ..] = listed.as_slice() else { unreachable!("each library has two targets") };
    let targets: String = C_LIBRARIES.iter().map(|library| targets_of(library, place)).collect();
    format!(
        r#"# {shared} is the shared library, {archive} the archive. {others} are those of the emulator, for tests.

foreach(_aicredits_component IN LISTS aicredits_FIND_COMPONENTS)
  if(aicredits_FIND_REQUIRED_${{_aicredits_component}})
    set(aicredits_FOUND FALSE)
    set(aicredits_NOT_FOUND_MESSAGE "it has no components, and no ${{_aicredits_component}}")
    return()
  endif()
endforeach()

# Where it is, and not the way to it: /lib may lead to /usr/lib.
get_filename_component(_aicredits_prefix "${{CMAKE_CURRENT_LIST_DIR}}" REALPATH)
get_filename_component(_aicredits_prefix "${{_aicredits_prefix}}/{way}" ABSOLUTE)

{targets}unset(_aicredits_prefix)
"#,
        others = others.join(" and "),
        way = place.way_to_prefix(2),
    )
}

/// The shared library and the archive of a library, as targets of CMake.
fn targets_of(library: &CLibrary, place: &Place) -> String {
    let ([shared, archive], needs) = (library.targets, needs());
    format!(
        r#"if(NOT TARGET {shared})
  add_library({shared} SHARED IMPORTED)
  set_target_properties({shared} PROPERTIES
    IMPORTED_LOCATION "${{_aicredits_prefix}}/{libdir}/{file}.{VERSION}"
    IMPORTED_SONAME "{soname}"
    INTERFACE_INCLUDE_DIRECTORIES "${{_aicredits_prefix}}/include")
endif()

if(NOT TARGET {archive})
  add_library({archive} STATIC IMPORTED)
  set_target_properties({archive} PROPERTIES
    IMPORTED_LOCATION "${{_aicredits_prefix}}/{libdir}/{archive_file}"
    INTERFACE_INCLUDE_DIRECTORIES "${{_aicredits_prefix}}/include"
    INTERFACE_LINK_LIBRARIES "{needs}")
endif()

"#,
        file = library.shared(),
        libdir = place.libdir(),
        soname = library.soname(),
        archive_file = library.archive(),
    )
}

/// The libraries that the archive needs, as a list of CMake.
fn needs() -> String {
    LINKS_WITH.iter().map(|library| library.trim_start_matches("-l")).collect::<Vec<_>>().join(";")
}

/// A version satisfies a request for the same minor version, at that patch or an earlier one, or for a range that it
/// lies in: until 1.0 a minor version may change the API.
pub(super) fn version() -> String {
    format!(
        r#"set(PACKAGE_VERSION "{VERSION}")
set(PACKAGE_VERSION_COMPATIBLE FALSE)
if(PACKAGE_FIND_VERSION_RANGE)
  if(NOT PACKAGE_VERSION VERSION_LESS PACKAGE_FIND_VERSION_MIN)
    if(PACKAGE_VERSION VERSION_LESS PACKAGE_FIND_VERSION_MAX
        OR (PACKAGE_FIND_VERSION_RANGE_MAX STREQUAL "INCLUDE" AND PACKAGE_VERSION VERSION_EQUAL PACKAGE_FIND_VERSION_MAX))
      set(PACKAGE_VERSION_COMPATIBLE TRUE)
    endif()
  endif()
elseif(NOT PACKAGE_FIND_VERSION VERSION_GREATER PACKAGE_VERSION AND PACKAGE_FIND_VERSION_MAJOR EQUAL {major}
    AND (PACKAGE_FIND_VERSION_COUNT LESS 2 OR PACKAGE_FIND_VERSION_MINOR EQUAL {minor}))
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
  if(PACKAGE_FIND_VERSION VERSION_EQUAL PACKAGE_VERSION)
    set(PACKAGE_VERSION_EXACT TRUE)
  endif()
endif()
"#,
        major = env!("CARGO_PKG_VERSION_MAJOR"),
        minor = env!("CARGO_PKG_VERSION_MINOR"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool;

    /// It cannot read it from what is built later.
    #[test]
    fn the_repository_s_own_project_links_the_archive_alike() {
        let project = std::fs::read_to_string(tool::root().join("CMakeLists.txt")).unwrap();
        assert!(project.contains(&format!("INTERFACE_LINK_LIBRARIES \"{}\"", needs())));
    }

    #[test]
    fn the_prefix_is_found_from_every_folder_of_libraries() {
        let text = config(&Place::at("/usr", "lib/x86_64-linux-gnu").unwrap());
        assert!(text.contains("\"${_aicredits_prefix}/../../../..\" ABSOLUTE"), "{text}");
        assert!(text.contains("${_aicredits_prefix}/lib/x86_64-linux-gnu/libaicredits.a"), "{text}");
        assert!(config(&Place::anywhere()).contains("\"${_aicredits_prefix}/../../..\" ABSOLUTE"));
    }
}
