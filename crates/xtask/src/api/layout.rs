//! The layout of structs, by the rules of the C ABI of a platform with 64-bit pointers.

use std::collections::HashMap;

use super::Api;
use crate::tool::Outcome;

const INTEGERS: [(&str, usize); 6] =
    [("bool", 1), ("int32_t", 4), ("uint32_t", 4), ("int64_t", 8), ("uint64_t", 8), ("size_t", 8)];

#[derive(Clone, Copy)]
struct Layout {
    size: usize,
    alignment: usize,
}

impl Layout {
    fn of_scalar(size: usize) -> Self {
        Self { size, alignment: size }
    }
}

/// Computes sizes, alignments and offsets. A struct can contain those declared before it.
pub(super) fn lay_out(api: &mut Api) -> Outcome {
    let mut known: HashMap<String, Layout> =
        INTEGERS.iter().map(|&(name, size)| (name.to_owned(), Layout::of_scalar(size))).collect();
    for alias in &api.aliases {
        let layout = *known.get(&alias.of).ok_or_else(|| format!("{}: `{}` is no integer", alias.name, alias.of))?;
        known.insert(alias.name.clone(), layout);
    }
    for of in &mut api.structs {
        let (mut end, mut alignment) = (0_usize, 1);
        for field in &mut of.fields {
            let layout = match field.of_type.ends_with('*') {
                true => Layout::of_scalar(8),
                false => *known.get(&field.of_type).ok_or_else(|| {
                    format!("{}.{}: the size of `{}` is not known", of.name, field.name, field.of_type)
                })?,
            };
            field.offset = end.next_multiple_of(layout.alignment);
            end = field.offset + layout.size * field.count;
            alignment = alignment.max(layout.alignment);
        }
        (of.size, of.alignment) = (end.next_multiple_of(alignment), alignment);
        known.insert(of.name.clone(), Layout { size: of.size, alignment });
    }
    Ok(())
}
