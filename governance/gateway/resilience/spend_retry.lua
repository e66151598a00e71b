-- A retry is paid for from what first tries put in (see report.lua). KEYS: state; ARGV: most. Answers 1 when it may go.
local left = tonumber(redis.call("HGET", KEYS[1], "retries")) or tonumber(ARGV[1])
if left < 1 then return 0 end
redis.call("HSET", KEYS[1], "retries", tostring(left - 1))
redis.call("PEXPIRE", KEYS[1], 3600000)
return 1
