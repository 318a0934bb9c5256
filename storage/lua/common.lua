-- What several scripts share. All keys of a shard begin with its tag, KEYS[1] = "{sN}:",
-- so that a script is atomic on a Redis Cluster too. ARGV[1] is the caller's clock in ms:
-- one clock for tests, and fences keep two workers apart even where clocks differ.
-- KEYS[2] is there while the calling process lives: what is leased is marked with it.
local P, ME = KEYS[1], KEYS[2]
local now = tonumber(ARGV[1])
local READY, OUT, LOG = P .. 'ready', P .. 'out', P .. 'log'

local function named(kind, id) return P .. kind .. ':' .. id end

-- Wakes one sleeping process; capped, for a bell that nobody hears must not grow.
local function ring()
  redis.call('LPUSH', P .. 'bell', '1')
  redis.call('LTRIM', P .. 'bell', 0, 15)
end

-- Not yet due: leased to somebody or put off. Both look alike on purpose: when the
-- time has come, a lease that ran out is taken over just as a delay that has ended.
local function later(set, member)
  local due = redis.call('ZSCORE', set, member)
  return due and tonumber(due) > now
end

local ALIVE = 5000
local function sign()
  if redis.call('EXISTS', ME) == 0 then redis.call('SET', ME, '1', 'PX', ALIVE) end
  return ME
end

-- A turn for the caller. A fence is never below the clock, so that fences (and the
-- effect ids made of them) go on rising even after Redis was emptied.
local function take_turn(id, until_, most)
  local talk = named('c', id)
  local had = redis.call('HMGET', talk, 'fence', 'state', 'asked', 'shown')
  local fence = math.max((tonumber(had[1]) or 0) + 1, now)
  redis.call('HSET', talk, 'fence', fence, 'open', 1, 'by', sign())
  -- A turn that was never committed gets more time: a slow machine must come to an end too.
  local again = math.min(redis.call('HINCRBY', talk, 'takes', 1) - 1, 3)
  redis.call('ZADD', READY, now + (until_ - now) * 2 ^ again, id)
  local waits = redis.call('LRANGE', named('in', id), 0, most - 1)
  return {id, fence, had[2], waits, had[3] or '', had[4] or '0'}
end

-- Each lease of an effect is an attempt; the first one is 0.
local function attempt(id, ref, blob)
  local n = redis.call('HINCRBY', named('fx', id), ref .. ':n', 1) - 1
  return {id, ref, n, blob or redis.call('HGET', named('fx', id), ref)}
end

-- The first bubble of the lane, leased; false when none waits. A lane entry is
-- "<ref>:<kind><tag>"; its member of OUT is the conversation's id, that of a job "<id>.<ref>".
-- What was committed under the fence `mine` is known to the caller: not sent back.
local function take_say(id, until_, mine)
  local first = redis.call('LINDEX', named('say', id), 0)
  if not first then
    redis.call('ZREM', OUT, id)
    return false
  end
  local ref = string.match(first, '^[^:]+')
  redis.call('ZADD', OUT, until_, id)
  redis.call('HSET', named('fx', id), 'held', ref, 'by', sign())
  return attempt(id, ref, mine and string.match(ref, '^%d+') == mine and '')
end

-- Takes an effect out; returns its sealed form, false when it is gone already.
local function drop(id, ref, is_say)
  local fx = named('fx', id)
  local blob = redis.call('HGET', fx, ref)
  if not blob then return false end
  if is_say then
    redis.call('HDEL', fx, ref, ref .. ':n', 'held', 'by')
    -- Only the first of a lane is ever leased, and nothing is put before it.
    redis.call('LPOP', named('say', id))
  else
    redis.call('HDEL', fx, ref, ref .. ':n')
    redis.call('ZREM', OUT, id .. '.' .. ref)
  end
  return blob
end

-- Whose bubble a provider's message id is; news that came before we knew is told now.
local function name_sent(message, whose, keep)
  redis.call('SET', P .. 'sent:' .. message, whose, 'PX', keep)
  local early = P .. 'early:' .. message
  local came = redis.call('LRANGE', early, 0, -1)
  if #came == 0 then return end
  for _, news in ipairs(came) do redis.call('RPUSH', LOG, news .. whose) end
  redis.call('DEL', early)
end
