-- Fills a value with what was read under a lease, unless a change has ended the lease meanwhile.
-- KEYS: 1 the value's key, 2 its lease key. ARGV: 1 the lease's token, 2 the value, 3 its life in
-- ms (0: for ever).
-- Answers 1 if the value is there now, 0 if it was refused: then read the row again.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return 0
end
redis.call('DEL', KEYS[2])
if tonumber(ARGV[3]) > 0 then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
else
  redis.call('SET', KEYS[1], ARGV[2])
end
return 1
