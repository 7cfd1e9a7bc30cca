"""Numbers of a running server in the text form of Prometheus: requests, times of answers, who waits, memory."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from kelisim.web.workspace import Workspace

SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 6.0, 15.0, 60.0)


class Metrics:
    """Counts what a server does."""

    def __init__(self, desk: Workspace) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        own = self.registry
        self.requests = Counter(
            "kelisim_requests_total",
            "Answers by path and status.",
            ["method", "path", "status"],
            registry=own,
        )
        self.seconds = Histogram(
            "kelisim_request_seconds",
            "Seconds of an answer by path.",
            ["path"],
            buckets=SECONDS,
            registry=own,
        )
        waiting = Gauge("kelisim_waiting", "Questions that wait for the solver.", registry=own)
        waiting.set_function(lambda: len(desk.line))
        under_way = Gauge("kelisim_studies_under_way", "Studies that are being asked aside.", registry=own)
        under_way.set_function(lambda: sum(not job.is_done for job in desk.runs))

    async def count(self, request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        """Around each request: how it ended and how long it took, by the path of the interface; all pages are one."""
        began = time.perf_counter()
        answer = await call_next(request)
        path = getattr(request.scope.get("route"), "path", "") or "page"
        self.requests.labels(request.method, path, str(answer.status_code)).inc()
        self.seconds.labels(path).observe(time.perf_counter() - began)
        return answer

    def text(self) -> bytes:
        return generate_latest(self.registry)
