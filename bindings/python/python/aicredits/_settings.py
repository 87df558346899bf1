"""The settings of a client, by keyword."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import timedelta
from os import PathLike
from typing import Any, Optional, TypedDict, Union

if sys.version_info >= (3, 11):
    from typing import Unpack as Unpack
else:

    class Unpack:
        """Before Python 3.11 the annotation ``Unpack[Settings]`` is evaluated to the settings themselves."""

        def __class_getitem__(cls, settings: Any) -> Any:
            return settings


class Settings(TypedDict, total=False):
    """What a client is made of. :class:`aicredits.Client` describes each."""

    api_key: Optional[str]
    authorization: Optional[str]
    credential_supplier: Optional[Callable[[], str]]
    account_id: Optional[str]
    site_id: Optional[str]
    credential_scope: bool
    base_url: Optional[str]
    allow_insecure_http: bool
    timeout: Union[float, timedelta, None]
    max_reply_bytes: Optional[int]
    max_retries: Optional[int]
    max_concurrency: Optional[int]
    ca_file: Union[str, PathLike[str], None]
    ca_pem: Union[str, bytes, None]
    proxy: Optional[str]
    proxy_from_env: bool
    name: Optional[str]
    from_env: bool
