"""The settings of a client, by keyword."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from os import PathLike
from typing import Any, Optional, TypedDict, Union

from ._native import PerCall

if sys.version_info >= (3, 11):
    from typing import Unpack as Unpack
else:

    class Unpack:
        """Before Python 3.11 the annotation ``Unpack[Settings]`` is evaluated to the settings themselves."""

        def __class_getitem__(cls, settings: Any) -> Any:
            return settings


class _Common(TypedDict, total=False):
    api_key: Optional[str]
    authorization: Optional[str]
    account_id: Optional[str]
    site_id: Optional[str]
    credential_scope: Optional[bool]
    scope: Optional[PerCall]
    base_url: Optional[str]
    allow_insecure_http: Optional[bool]
    timeout: Union[float, timedelta, None]
    max_reply_bytes: Optional[int]
    max_retries: Optional[int]
    max_concurrency: Optional[int]
    ca_file: Union[str, PathLike[str], None]
    ca_pem: Union[str, bytes, None]
    proxy: Optional[str]
    proxy_from_env: Optional[bool]
    name: Optional[str]
    from_env: Optional[bool]


class Settings(_Common, total=False):
    """What a client is made of. :class:`aicredits.Client` describes each."""

    credential_provider: Optional[Callable[[], str]]


class AsyncSettings(_Common, total=False):
    """The same for :class:`aicredits.AsyncClient`, whose provider may be an ``async def`` function."""

    credential_provider: Optional[Callable[[], Union[str, Awaitable[str]]]]
