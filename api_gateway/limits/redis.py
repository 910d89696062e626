"""The shared counters in Redis: one script for all that a request needs. While Redis is away, each process counts for
itself, so that the product goes on answering; then the limits hold for each process, not over all."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

import redis

from api_gateway.limits.leases import LARGEST_BLOCK, SHARE, Ask, Lease
from api_gateway.limits.local import LocalStore

PATIENCE_S = 0.25
AWAY_S = 5.0
"""How long Redis is not asked again after it failed to answer: each request would wait for it."""
PREFIX = "{limit}:"
"""In braces, so that a cluster keeps all counters of a script on one node."""
SCRIPT = f"""
local answers = {{}}
for place, name in ipairs(KEYS) do
  local last = place * 4
  local start, seconds = tonumber(ARGV[last - 3]), tonumber(ARGV[last - 2])
  local limit, need = tonumber(ARGV[last - 1]), tonumber(ARGV[last])
  local kept = redis.call('HMGET', name, 's', 't', 'l')
  local owed = 0
  if kept[1] then
    local passed = math.floor((start - tonumber(kept[1])) / seconds)
    owed = tonumber(kept[2])
    if passed > 0 then owed = math.max(0, owed - tonumber(kept[3]) * passed) else start = tonumber(kept[1]) end
  end
  local given = 0
  if need <= limit - owed then
    given = math.max(need, math.min({LARGEST_BLOCK}, math.floor((limit - owed) / {SHARE})))
  elseif need > limit and owed * 2 < limit then
    given = need
  end
  local taken = owed + given
  redis.call('HSET', name, 's', start, 't', taken, 'l', limit)
  redis.call('EXPIRE', name, seconds * (2 + math.floor(taken / limit)))
  answers[place] = {{start, taken, given}}
end
return answers
"""
log = logging.getLogger(__name__)


class RedisStore:
    """Redis where it answers, this process's own memory where not."""

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.client = redis.Redis.from_url(url, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S)
        self.script = self.client.register_script(SCRIPT)
        self.alone = LocalStore()
        self.clock, self.away_until = clock, 0.0

    def lease(self, asks: Sequence[Ask]) -> dict[str, Lease]:
        """One script call for all counters; without Redis, the same rule in memory."""
        if self.clock() < self.away_until:
            return self.alone.lease(asks)
        try:
            rows = self.script(
                keys=[PREFIX + ask.name for ask in asks], args=[part for ask in asks for part in ask[1:]]
            )
        except redis.RedisError as problem:
            self.away_until = self.clock() + AWAY_S
            log.warning("redis is away: limits are counted by each process (%s)", type(problem).__name__)
            return self.alone.lease(asks)
        return {ask.name: Lease(*map(int, row)) for ask, row in zip(asks, rows, strict=True)}

    def answers(self) -> bool:
        """Whether Redis can be reached now."""
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False


__all__ = ["RedisStore"]
