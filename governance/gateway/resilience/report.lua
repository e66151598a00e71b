-- How a call went. KEYS: state, flight
-- ARGV: call, "good" | "bad" | "neither" | "began" | "beat", milliseconds to pause the deployment (of a beat: to live
--       on), tokens given back,
--       failures in a row that open, least calls of a window, share of failures that opens, first and longest cool-down,
--       what a first try puts into the retry budget (0 for a retry), and the most that is in it
local clock = redis.call("TIME")
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local state, flight = KEYS[1], KEYS[2]
local call, outcome, pause, refund = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local in_a_row, least, share = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local cool_down, longest = tonumber(ARGV[8]), tonumber(ARGV[9])
local PROVEN_FOR, WINDOW = 300000, 30000

local function number(name) return tonumber(redis.call("HGET", state, name)) or 0 end

if outcome == "beat" then
  redis.call("ZADD", flight, "XX", now + pause, call)
  redis.call("PEXPIRE", flight, pause)
  return number("opened")
end
if outcome == "began" then -- it speaks: nobody else has to wait for the end of it
  redis.call("HSET", state, "proven_until", now + PROVEN_FOR, "opened", 0, "open_until", 0, "probe_until", 0,
             "failures", 0)
  return 0
end
redis.call("ZREM", flight, call)
local earned, most_retries = tonumber(ARGV[10]), tonumber(ARGV[11])
local retries = tonumber(redis.call("HGET", state, "retries"))
if earned > 0 and retries then
  redis.call("HSET", state, "retries", tostring(math.min(most_retries, retries + earned)))
end
if pause > 0 then
  redis.call("HSET", state, "paused_until", math.max(number("paused_until"), now + pause))
end
if refund ~= 0 and redis.call("HEXISTS", state, "tokens") == 1 then
  redis.call("HINCRBYFLOAT", state, "tokens", refund)
end
if number("window_ends") <= now then
  redis.call("HSET", state, "window_ends", now + WINDOW, "good", 0, "bad", 0)
end
if outcome == "good" then
  redis.call("HINCRBY", state, "good", 1)
  redis.call("HSET", state, "failures", 0, "opened", 0, "open_until", 0, "probe_until", 0,
             "proven_until", now + PROVEN_FOR)
elseif outcome == "bad" then
  local bad = redis.call("HINCRBY", state, "bad", 1)
  local failures = redis.call("HINCRBY", state, "failures", 1)
  local all = bad + number("good")
  local opened, is_open = number("opened"), number("open_until") > now
  local failing = failures >= in_a_row or (all >= least and bad / all >= share)
  if not is_open and (opened > 0 or failing) then
    local wait = math.min(longest, cool_down * 2 ^ opened)
    redis.call("HINCRBY", state, "opened", 1)
    redis.call("HSET", state, "open_until", now + wait, "probe_until", 0, "proven_until", 0,
               "window_ends", 0, "failures", 0)
  end
elseif number("opened") > 0 and redis.call("HGET", state, "prober") == call then
  redis.call("HSET", state, "probe_until", 0)
end
redis.call("PEXPIRE", state, 3600000)
return number("opened")
