/// The Lua that runs on stand-ins. `Rejoin` says what it is for.
enum StandInScript {
    /// Carries out a command on a value that the stand-in keeps, unless the node is known to be back. A write is
    /// noted first.
    ///
    /// A mark that says the node is back is no news to who has seen the node since: then it is out once more.
    ///
    /// `KEYS`: the stand-in's generation's, the mark's, the journal's. `ARGV`: the mark that the caller has seen, the most that a
    /// value is kept in milliseconds, `read`, `write` or `note`, the key, its scope, how many keys are noted, how long
    /// the journal is kept in milliseconds, then what begins the values' names, the command's name and its words after the key. A journal with
    /// many scopes notes that everything may have been written.
    static let carryOut: StaticString = """
        local mark = redis.call('GET', KEYS[2]) \
        if mark then \
        if mark ~= ARGV[1] then return redis.error_reply('BACK the node is back') end \
        if ARGV[3] ~= 'read' then redis.call('UNLINK', KEYS[2]) end \
        end \
        if ARGV[3] ~= 'read' then \
        local field, most = 'k' .. ARGV[4], tonumber(ARGV[6]) \
        if redis.call('HEXISTS', KEYS[3], field) == 0 then \
        local count = redis.call('HLEN', KEYS[3]) \
        if count >= most then field = 's' .. ARGV[5] end \
        if count >= most + 1000 and redis.call('HEXISTS', KEYS[3], field) == 0 then field = 's' end \
        end \
        redis.call('HINCRBY', KEYS[3], field, 1) \
        redis.call('PEXPIRE', KEYS[3], ARGV[7]) \
        if ARGV[3] == 'note' then return 0 end \
        end \
        local value = ARGV[8] .. (redis.call('GET', KEYS[1]) or '0') .. ':' .. ARGV[4] \
        local reply = redis.pcall(ARGV[9], value, unpack(ARGV, 10)) \
        if ARGV[3] == 'write' then \
        local left = redis.call('PTTL', value) \
        if left == -1 or left > tonumber(ARGV[2]) then redis.call('PEXPIRE', value, ARGV[2]) end \
        end \
        return reply
        """

    /// Marks that the node is back, unless there are notes: then they have to be seen to first.
    ///
    /// `KEYS`: the journal's, the mark's. `ARGV`: a mark, and how long it is kept in milliseconds. Returns how many
    /// notes there are, and the mark.
    static let close: StaticString = """
        local notes = redis.call('HLEN', KEYS[1]) \
        if notes > 0 then return {notes, ''} end \
        redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) \
        redis.call('PEXPIRE', KEYS[2], ARGV[2]) \
        return {0, redis.call('GET', KEYS[2])}
        """

    /// Removes notes that have been seen to, and the values of their keys, unless they were made once more.
    ///
    /// `KEYS`: the journal's, the generation's. `ARGV`: what begins the values' names, then fields, each with its number.
    static let forget: StaticString = """
        local prefix = ARGV[1] .. (redis.call('GET', KEYS[2]) or '0') .. ':' \
        for i = 2, #ARGV, 2 do \
        if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then \
        redis.call('HDEL', KEYS[1], ARGV[i]) \
        if string.sub(ARGV[i], 1, 1) == 'k' then redis.call('UNLINK', prefix .. string.sub(ARGV[i], 2)) end \
        end \
        end \
        return redis.call('HLEN', KEYS[1])
        """
}
