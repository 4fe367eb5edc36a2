extension Script {
    /// Gives fields of a hash their values unless they have one, and restarts the ttl of the key if any
    /// was written. Returns how many were.
    ///
    /// `ARGV`: the ttl in milliseconds, or nothing to leave the key's as it is, then fields and values in
    /// turn.
    static let setAbsentFields: StaticString = """
        local new = 0 \
        for i = 2, #ARGV, 2 do \
        local reply = redis.pcall('HSETNX', KEYS[1], ARGV[i], ARGV[i + 1]) \
        if type(reply) == 'table' then return reply end \
        new = new + reply \
        end \
        if new > 0 and ARGV[1] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end \
        return new
        """

    /// Removes a field of a hash and returns its value. `ARGV`: the field.
    static let popField: StaticString = """
        local value = redis.pcall('HGET', KEYS[1], ARGV[1]) \
        if type(value) ~= 'string' then return value end \
        local reply = redis.pcall('HDEL', KEYS[1], ARGV[1]) \
        if type(reply) == 'table' then return reply end \
        return value
        """

    /// Removes a field of a hash at random and returns it with its value.
    ///
    /// A script may only write after a random choice if its effects are replicated, and not the script
    /// itself. All servers that know `HRANDFIELD` (since Redis 6.2) do so by default.
    static let popRandomField: StaticString = """
        local pair = redis.pcall('HRANDFIELD', KEYS[1], 1, 'WITHVALUES') \
        if not pair[1] then return pair end \
        local reply = redis.pcall('HDEL', KEYS[1], pair[1]) \
        if type(reply) == 'table' then return reply end \
        return pair
        """
}
