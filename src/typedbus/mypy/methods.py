"""Which check answers for which method."""

from __future__ import annotations

from collections.abc import Callable

from mypy.plugin import MethodSigContext
from mypy.types import FunctionLike

from typedbus.mypy.names import LISTENING, PUBLISH, SUBSCRIBE
from typedbus.mypy.publishing import check_publish
from typedbus.mypy.subscribing import check_event_class, check_subscribe

CHECKS: dict[str, Callable[[MethodSigContext], FunctionLike]] = {
    SUBSCRIBE: check_subscribe,
    PUBLISH: check_publish,
    **dict.fromkeys(LISTENING, check_event_class),
}
