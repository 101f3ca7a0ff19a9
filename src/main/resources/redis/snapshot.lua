-- Writes a row as a snapshot showed it, unless the record shows that something later is there. What
-- was there of the record's change is kept, so that a change is held against both.
-- KEYS: value, fence, lease. ARGV: 1 epoch, 2 snapshot, 3 '1' for a value and '0' for none, 4 the
-- value, 5 its life in ms (0: for ever), 6 the life of a tombstone in ms, then tags.
local old = record(KEYS[2])
local a, b, xid = '00000000000000000000', '0000000000', '0'
if old and old.kind == 'row' then
  if old.epoch > ARGV[1] then
    return { 0 }
  end
  if old.epoch == ARGV[1] then
    if old.snapshot then
      local later = compare(old.snapshot, ARGV[2])
      if later > 0 or (later == 0 and ARGV[3] == '0') then
        return { 0 }
      end
    elseif old.xid ~= '0' and not sees(ARGV[2], old.xid) then
      return { 0 }
    end
    a, b, xid = old.a, old.b, old.xid
  end
end
local head = table.concat({ 'row', ARGV[1], a, b, xid, ARGV[2] }, ' ')
return put(head, old, ARGV[3] == '1' and ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), 7)
