//! Members of Python's enum of periods, which is in `python/aicredits/_period.py`.

use std::borrow::Cow;

use aicredits::FeaturePeriod;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// The name of a period. A known name is not copied.
pub(crate) type Name = Cow<'static, str>;

pub(crate) fn name(period: FeaturePeriod<'_>) -> Name {
    let known = FeaturePeriod::KNOWN.into_iter().find(|known| *known == period);
    known.map_or_else(|| Cow::Owned(period.as_str().to_owned()), |known| Cow::Borrowed(known.as_str()))
}

/// The member of the enum with this name.
pub(crate) fn member<'py>(py: Python<'py>, name: &Name) -> PyResult<Bound<'py, PyAny>> {
    static MEMBERS: PyOnceLock<(Py<PyAny>, Vec<Py<PyAny>>)> = PyOnceLock::new();
    let (class, members) = MEMBERS.get_or_try_init(py, || {
        let class = py.import("aicredits._period")?.getattr("FeaturePeriod")?;
        let members = FeaturePeriod::KNOWN.into_iter().map(|known| class.call1((known.as_str(),)).map(Bound::unbind));
        Ok::<_, PyErr>((class.clone().unbind(), members.collect::<PyResult<_>>()?))
    })?;
    match FeaturePeriod::KNOWN.into_iter().position(|known| known.as_str() == name) {
        Some(place) => Ok(members[place].bind(py).clone()),
        None => class.bind(py).call1((name.as_ref(),)),
    }
}
