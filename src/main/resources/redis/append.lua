-- Appends an entry to a stream, unless its change is among those that were appended last.
-- KEYS: 1 the stream, 2 the register of its changes. ARGV: 1 the change's id, 2 about how many
-- entries the stream keeps, 3 how many changes are remembered, 4 and on: fields and values.
-- Answers the entry's id, or false if the change was there.
-- The register is sorted by when a change came: a number that only rises.
if redis.call('ZSCORE', KEYS[2], ARGV[1]) then
  return false
end
local entry = redis.pcall('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', unpack(ARGV, 4))
if type(entry) == 'table' and entry.err then
  return entry
end
local last = redis.call('ZREVRANGE', KEYS[2], 0, 0, 'WITHSCORES')
local number = (tonumber(last[2]) or 0) + 1
redis.call('ZADD', KEYS[2], string.format('%.0f', number), ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -tonumber(ARGV[3]) - 1)
return entry
