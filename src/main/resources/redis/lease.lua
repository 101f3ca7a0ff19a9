-- Reads a value, or takes a lease to fill it. For applications that read through: see
-- docs/caches.md.
-- KEYS: 1 the value's key, 2 its lease key. ARGV: 1 a token nobody else has, such as a random UUID,
-- 2 how long the lease lasts, in ms.
-- Answers {value}, or {false, 1} if the lease is yours, or {false, 0} if it is somebody else's.
local value = redis.call('GET', KEYS[1])
if value then
  return { value }
end
if redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2], 'NX') then
  return { false, 1 }
end
return { false, 0 }
