-- Writes the answer of a query, unless the record shows that a later one is there.
-- KEYS: value, fence, lease. ARGV: 1 'query' or 'replayed', 2 epoch, 3 xmax or position, 4 how many
-- transactions ran, 5 '1' for a value and '0' for none, 6 the value, 7 its life in ms (0: for ever),
-- 8 the life of a tombstone in ms, then tags.
local old = record(KEYS[2])
if old and old.kind == ARGV[1] then
  if old.epoch > ARGV[2] then
    return { 0 }
  end
  if old.epoch == ARGV[2] then
    if old.a > ARGV[3] then
      return { 0 }
    end
    if old.a == ARGV[3] and tonumber(old.b) < tonumber(ARGV[4]) then
      return { 0 }
    end
  end
end
local head = table.concat({ ARGV[1], ARGV[2], ARGV[3], ARGV[4] }, ' ')
return put(head, old, ARGV[5] == '1' and ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8]), 9)
