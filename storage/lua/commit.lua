-- A turn's end, all or nothing; ARGV: now, id, fence, updates taken, lease until (0: no
-- claim), state, how long the turn may be undone (0: not at all), whether its words are logged,
-- then four for each effect: number, due, kind and tag ("-": a job), sealed.
local id, fence, taken, until_ = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local talk, inbox, fx, lane = named('c', id), named('in', id), named('fx', id), named('say', id)
local undo, undone, logged = named('undo', id), tonumber(ARGV[7]), ARGV[8] == '1'
local had = redis.call('HMGET', talk, 'fence', 'open', 'rev', 'idle', 'state')
-- The same call again, because its first answer was lost: it is done.
if had[3] == fence then return {} end
if had[1] ~= fence or had[2] ~= '1' then return false end

-- Entries that begin with "L" hold words, which the record keeps.
local entries = redis.call('LRANGE', inbox, 0, taken - 1)
for _, entry in ipairs(entries) do
  if logged and string.byte(entry) == 76 then redis.call('RPUSH', LOG, string.sub(entry, 2)) end
end
redis.call('LTRIM', inbox, taken, -1)
redis.call('DEL', undo)
if undone > 0 and had[5] and #entries > 0 then
  redis.call('RPUSH', undo, now + undone, had[5], unpack(entries))
  redis.call('PEXPIRE', undo, undone)
end
redis.call('HSET', talk, 'state', ARGV[6], 'rev', fence, 'open', 0, 'takes', 0)
if had[4] then
  redis.call('HDEL', talk, 'idle')
  redis.call('PERSIST', talk)
end
redis.call('ZADD', P .. 'dirty', 'NX', now, id)

-- Takes unsent bubbles out of the lane; one that is on its way stays.
local function remove(unwanted)
  local held = later(OUT, id) and redis.call('HGET', fx, 'held')
  for _, each in ipairs(redis.call('LRANGE', lane, 0, -1)) do
    local ref, kind, tag = string.match(each, '^([^:]+):(.)(.*)$')
    if ref ~= held and unwanted(kind, tag) then
      redis.call('LREM', lane, 1, each)
      redis.call('HDEL', fx, ref, ref .. ':n')
    end
  end
end

local function make_room(for_kind, for_tag)
  if for_tag ~= '' then remove(function(_, tag) return tag == for_tag end) end
  -- Somebody takes the chat: what the bot was about to answer is not said any more.
  if for_kind == 's' then remove(function(kind) return kind == 'r' end) end
end

local out, left, said = {}, false, false
for i = 9, #ARGV, 4 do
  local ref, due, tag = fence .. '.' .. ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2]
  redis.call('HSET', fx, ref, ARGV[i + 3])
  if tag ~= '-' then
    make_room(string.sub(tag, 1, 1), string.sub(tag, 2))
    redis.call('RPUSH', lane, ref .. ':' .. tag)
    said = true
  elseif until_ > 0 and due <= now then
    redis.call('ZADD', OUT, until_, id .. '.' .. ref)
    out[#out + 1] = attempt(id, ref, '')
  else
    redis.call('ZADD', OUT, due, id .. '.' .. ref)
    left = true
  end
end
if said and not later(OUT, id) then
  if until_ > 0 then
    table.insert(out, 1, take_say(id, until_, fence)) -- words first: a person waits for them
  else
    redis.call('ZADD', OUT, 'NX', now, id)
    left = true
  end
end
if redis.call('EXISTS', inbox) == 1 then
  redis.call('ZADD', READY, now, id)
  left = true
else
  redis.call('ZREM', READY, id)
end
if left then ring() end
return out
