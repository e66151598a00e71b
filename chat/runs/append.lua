-- Append events to a run's stream, if it is as its writer believes.
-- KEYS: the stream. ARGV: first number of the writer's attempt, how many events it believes to be there, seconds to live,
-- 1 to write the stream anew, then for each event: number, type, data.
-- Returns how many events are there now (another number than believed: nothing was added), or -1 when a later attempt
-- has written already.
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if newest and tonumber(string.match(newest[1], '^%d+')) >= tonumber(ARGV[1]) + 100000 then
  return -1
end
if ARGV[4] == '1' then
  redis.call('DEL', KEYS[1])
elseif redis.call('XLEN', KEYS[1]) ~= tonumber(ARGV[2]) then
  return redis.call('XLEN', KEYS[1])
end
for place = 5, #ARGV, 3 do
  redis.call('XADD', KEYS[1], ARGV[place] .. '-0', 'type', ARGV[place + 1], 'data', ARGV[place + 2])
end
redis.call('EXPIRE', KEYS[1], ARGV[3])
return redis.call('XLEN', KEYS[1])
