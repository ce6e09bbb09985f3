/**
 * Replaces the record if its version is the expected one, and announces that on the channel. `KEYS[1]` is the key of the record. `ARGV`
 * has the expected version, the new record, its time to live in milliseconds (or an empty string), the channel, and the message: the key.
 */
export const swapScript: string = `local found = redis.call('GET', KEYS[1])
local version = 0
if found then
  local isJson, record = pcall(cjson.decode, found)
  if isJson and type(record) == 'table' and type(record.version) == 'number' then version = record.version end
end
if version ~= tonumber(ARGV[1]) then return 0 end
if ARGV[3] == '' then
  redis.call('SET', KEYS[1], ARGV[2])
else
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
redis.call('PUBLISH', ARGV[4], ARGV[5])
return 1`;

/** The SHA-1 of the script. It is a constant, so that no code is needed to compute it. */
export const swapScriptSha: string = '3937fbaf994b0aa23d647526b6c6683cf66d96b1';
