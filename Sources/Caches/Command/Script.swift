// Writes that carry a ttl are scripts, and not MULTI … EXEC: there a PEXPIRE runs also after a write that has
// failed, and would give a time to live to whatever else is at the key. A script stops where the write
// failed. It also is one command, with one reply, which a batch and a transaction can hold.
//
// Each takes an error by its own pcall and returns it, because before Redis 7 an error that leaves a script
// is wrapped and no longer begins with its code. An ACL user needs `+eval` for them, in addition to the
// commands inside.

/// The Lua that runs on the servers.
enum Script {
    /// Writes, then restarts the ttl of the key.
    ///
    /// `ARGV`: the ttl in milliseconds, the command's name, how many fixed words it has, those, the items.
    /// Lua passes at most some 8 000 arguments to a call: more items are written in several calls, still in
    /// one atomic step, and the integers that they return are added up.
    static let writeAndExpire: StaticString = """
        local fixed, total = tonumber(ARGV[3]), nil \
        for first = 4 + fixed, #ARGV, 4000 do \
        local words = {} \
        for i = 4, 3 + fixed do words[#words + 1] = ARGV[i] end \
        for i = first, math.min(first + 3999, #ARGV) do words[#words + 1] = ARGV[i] end \
        local reply = redis.pcall(ARGV[2], KEYS[1], unpack(words)) \
        if type(reply) == 'table' and reply.err then return reply end \
        if type(reply) == 'number' then total = (total or 0) + reply else total = reply end \
        end \
        redis.call('PEXPIRE', KEYS[1], ARGV[1]) \
        return total
        """

    /// Counts, then restarts the ttl of the key.
    ///
    /// `ARGV`: the ttl in milliseconds, the command's name, the name of the one that reads, where in the key
    /// the number is, what to add. The number is read back as text, since Lua's are exact only up to 2⁵³.
    static let countAndExpire: StaticString = """
        local reply = redis.pcall(ARGV[2], KEYS[1], unpack(ARGV, 4)) \
        if type(reply) == 'table' then return reply end \
        redis.call('PEXPIRE', KEYS[1], ARGV[1]) \
        return redis.call(ARGV[3], KEYS[1], unpack(ARGV, 4, #ARGV - 1))
        """

    /// Ends the ttl of the key. Returns whether there is a key.
    static let persist: StaticString = """
        local reply = redis.pcall('PERSIST', KEYS[1]) \
        if type(reply) == 'table' then return reply end \
        return redis.call('EXISTS', KEYS[1])
        """

    /// The members of either of two sets that are not in both.
    static let symmetricDifference: StaticString = """
        local one = redis.pcall('SDIFF', KEYS[1], KEYS[2]) \
        if one.err then return one end \
        for _, member in ipairs(redis.call('SDIFF', KEYS[2], KEYS[1])) do one[#one + 1] = member end \
        return one
        """

    /// Whether what `ARGV[1]` makes of two sets is empty: 1 or 0.
    static let yieldsNothing: StaticString = """
        local members = redis.pcall(ARGV[1], KEYS[1], KEYS[2]) \
        if members.err then return members end \
        return #members == 0 and 1 or 0
        """
}
