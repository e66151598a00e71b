-- May this call go out now? One answer for the breaker, the pauses, the pace and the line together.
-- KEYS: state, flight, line, seen          (of one deployment)
-- ARGV: call, waits ("1" when the call stands in line), tokens, per-minute requests, per-minute tokens,
--       most at once (0: no limit), most at once while unproven (0: no limit), milliseconds a call, and a probe, may
--       live without a sign of life
-- Answers: {"go" | "probe" | "open" | "unproven" | "wait", milliseconds to wait, place in line, is it proven}
local clock = redis.call("TIME")
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local state, flight, line, seen = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local call, waits, tokens = ARGV[1], ARGV[2] == "1", tonumber(ARGV[3])
local rpm, tpm = tonumber(ARGV[4]), tonumber(ARGV[5])
local most, unproven_most, life = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local probe_life = tonumber(ARGV[9])

local names = { "open_until", "opened", "probe_until", "proven_until", "paused_until", "requests", "tokens", "filled_at" }
local values = redis.call("HMGET", state, unpack(names))
local s = {}
for i, name in ipairs(names) do s[name] = tonumber(values[i]) or 0 end
local proven = s.proven_until > now and 1 or 0

local function answer(word, wait)
  local place = 0
  if waits then
    if word == "wait" then
      redis.call("ZADD", seen, now, call)
      if not redis.call("ZSCORE", line, call) then
        redis.call("ZADD", line, redis.call("HINCRBY", state, "arrivals", 1), call)
      end
      place = redis.call("ZRANK", line, call) + 1
      redis.call("PEXPIRE", line, 120000)
      redis.call("PEXPIRE", seen, 120000)
    else
      redis.call("ZREM", line, call)
      redis.call("ZREM", seen, call)
    end
  end
  return { word, math.ceil(wait), place, proven }
end

if s.open_until > now then return answer("open", s.open_until - now) end
local probing = s.opened > 0
if probing and s.probe_until > now then return answer("open", s.probe_until - now) end
if s.paused_until > now then return answer("wait", s.paused_until - now) end

-- who stood in line and went away without a word leaves it after five seconds
for _, gone in ipairs(redis.call("ZRANGEBYSCORE", seen, "-inf", now - 5000)) do
  redis.call("ZREM", line, gone)
  redis.call("ZREM", seen, gone)
end
local first = redis.call("ZRANGE", line, 0, 0)[1]
if first and first ~= call then return answer("wait", 250) end

redis.call("ZREMRANGEBYSCORE", flight, "-inf", now)
local out = redis.call("ZCARD", flight)
if most > 0 and out >= most then return answer("wait", 250) end
if unproven_most > 0 and proven == 0 and out >= unproven_most then return answer("unproven", 0) end

-- buckets hold at most a tenth of a minute's worth, so that a minute never sees much more than is allowed
local passed = now - s.filled_at
local function level(name, per_minute)
  local size = math.max(1, per_minute / 10)
  if s.filled_at == 0 then return size end
  return math.min(size, s[name] + passed * per_minute / 60000)
end
local requests_left, tokens_left = 0, 0
if rpm > 0 then
  requests_left = level("requests", rpm)
  if requests_left < 1 then return answer("wait", (1 - requests_left) * 60000 / rpm) end
  requests_left = requests_left - 1
end
if tpm > 0 then
  tokens_left = level("tokens", tpm)
  -- a call larger than the bucket goes when the bucket is full, and leaves a debt
  local needed = math.min(tokens, math.max(1, tpm / 10))
  if tokens_left < needed then return answer("wait", (needed - tokens_left) * 60000 / tpm) end
  tokens_left = tokens_left - tokens
end
redis.call("HSET", state, "requests", tostring(requests_left), "tokens", tostring(tokens_left), "filled_at", now)
if probing then redis.call("HSET", state, "probe_until", now + probe_life, "prober", call) end
redis.call("ZADD", flight, now + life, call)
redis.call("PEXPIRE", flight, life)
redis.call("PEXPIRE", state, 3600000)
return answer(probing and "probe" or "go", 0)
