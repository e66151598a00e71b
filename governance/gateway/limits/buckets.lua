-- All limits of one caller in one step: either every one of them lets the run in, or nothing is charged.
--
-- A bucket holds `capacity` tokens and refills evenly, all of it in `window_ms`. It lets in whoever finds a whole token.
-- A room is a set of running answers, each with the time until which it counts unless it gives a sign of life.
-- The hall is the room of everyone together. Who finds it full waits in its queue, first come, first served.
--
-- KEYS: the hall, its queue, the queue's signs of life; then the rooms; then the buckets.
-- ARGV[1], JSON: op, run, now_ms (0: Redis' own clock), hold_ms, ticket_ms, hall (its size, 0: endless),
-- longest (queue), rooms [size…], buckets [{capacity, window_ms, charge}…].
-- Answers {verdict, which room or bucket (from 1), milliseconds to wait or place in the queue}.

local ask = cjson.decode(ARGV[1])
local HALL, QUEUE, SIGNS = KEYS[1], KEYS[2], KEYS[3]

local function clock()
  if ask.now_ms > 0 then return ask.now_ms end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local now = clock()

local function room_key(i) return KEYS[3 + i] end
local function bucket_key(i) return KEYS[3 + #ask.rooms + i] end

local function level_of(i)
  local bucket = ask.buckets[i]
  local kept = redis.call('HMGET', bucket_key(i), 'level', 'at')
  if not kept[1] then return bucket.capacity end
  local passed = math.max(0, now - tonumber(kept[2]))
  return math.min(bucket.capacity, tonumber(kept[1]) + passed * bucket.capacity / bucket.window_ms)
end

local function ms_until(i, level, wanted)
  return (wanted - level) * ask.buckets[i].window_ms / ask.buckets[i].capacity
end

local function pour(i, level)
  redis.call('HSET', bucket_key(i), 'level', string.format('%.17g', level), 'at', string.format('%.0f', now))
  local full_in = math.max(0, ms_until(i, level, ask.buckets[i].capacity)) + 1000 -- a full bucket needs no key
  redis.call('PEXPIRE', bucket_key(i), string.format('%.0f', full_in))
end

local function running_in(room)
  redis.call('ZREMRANGEBYSCORE', room, '-inf', now)
  return redis.call('ZCARD', room)
end

local function enter(room)
  redis.call('ZADD', room, now + ask.hold_ms, ask.run)
  redis.call('PEXPIRE', room, ask.hold_ms)
end

local function forget_the_gone()
  for _, run in ipairs(redis.call('ZRANGEBYSCORE', SIGNS, '-inf', now)) do
    redis.call('ZREM', QUEUE, run)
    redis.call('ZREM', SIGNS, run)
  end
end

local function sign()
  redis.call('ZADD', SIGNS, now + ask.ticket_ms, ask.run)
  redis.call('PEXPIRE', SIGNS, ask.ticket_ms)
  redis.call('PEXPIRE', QUEUE, ask.ticket_ms)
end

local function stand_in_line()
  local last = redis.call('ZREVRANGE', QUEUE, 0, 0, 'WITHSCORES')
  redis.call('ZADD', QUEUE, 'NX', (tonumber(last[2]) or 0) + 1, ask.run)
  sign()
  return redis.call('ZRANK', QUEUE, ask.run) + 1
end

local function refusal()
  local which, longest = 0, 0
  for i = 1, #ask.buckets do
    local wait = ms_until(i, level_of(i), 1)
    if wait > longest then which, longest = i, wait end
  end
  if which > 0 then return {'spent', which, string.format('%.0f', math.floor(longest) + 1)} end
  for i, size in ipairs(ask.rooms) do
    if running_in(room_key(i)) >= size then return {'occupied', i, '0'} end
  end
end

local function admit()
  local refused = refusal()
  if refused then return refused end
  local must_wait = false
  if ask.hall > 0 then
    forget_the_gone()
    local waiting = redis.call('ZCARD', QUEUE)
    must_wait = running_in(HALL) + waiting >= ask.hall
    if must_wait and waiting >= ask.longest then return {'full', 0, '0'} end
  end
  for i, bucket in ipairs(ask.buckets) do
    pour(i, level_of(i) - bucket.charge)
  end
  for i = 1, #ask.rooms do enter(room_key(i)) end
  if must_wait then return {'queued', 0, tostring(stand_in_line())} end
  if ask.hall > 0 then enter(HALL) end
  return {'admitted', 0, '0'}
end

-- Those ahead in the line have a claim to the first free places, whoever asks first.
local function advance()
  forget_the_gone()
  if redis.call('ZSCORE', HALL, ask.run) then return {'admitted', 0, '0'} end
  local place = stand_in_line()
  if place > ask.hall - running_in(HALL) then return {'queued', 0, tostring(place)} end
  redis.call('ZREM', QUEUE, ask.run)
  redis.call('ZREM', SIGNS, ask.run)
  enter(HALL)
  return {'admitted', 0, '0'}
end

local function keep()
  for i = 1, #ask.rooms do enter(room_key(i)) end
  if ask.hall > 0 and not redis.call('ZSCORE', QUEUE, ask.run) then enter(HALL) end
  return {'admitted', 0, '0'}
end

local function charge()
  for i, bucket in ipairs(ask.buckets) do
    pour(i, level_of(i) - bucket.charge)
  end
  return {'admitted', 0, '0'}
end

return ({admit = admit, advance = advance, keep = keep, charge = charge})[ask.op]()
