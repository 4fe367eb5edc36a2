/// The Lua scripts of a hand-over. `KeyMove` explains their use.
enum HandOverScript {
    /// At the old server: the key has moved. From now on its value there never changes.
    ///
    /// `KEYS`: the tombstone, the key. `ARGV`: the tombstone's ttl in milliseconds. Returns the replies to
    /// `DUMP` and `PTTL` of the key.
    static let leave: StaticString = """
        redis.call('SET', KEYS[1], 1, 'PX', ARGV[1]) \
        return {redis.call('DUMP', KEYS[2]), redis.call('PTTL', KEYS[2])}
        """

    /// At the new server: the key arrives, unless it already has.
    ///
    /// A value at a key without a receipt was left there when the server owned the key at some earlier time,
    /// and is removed; unless `ARGV[2]` is `keep`, where a process that has ended the hand-over may have
    /// written it.
    ///
    /// `KEYS`: the receipt, the key. `ARGV`: the receipt's ttl in milliseconds; `replace` or `keep`; the
    /// value's ttl, 0 for none; the value. The last two are empty if there is no value. Returns 1 if the
    /// value is there now, 0 if it is not, -1 if this server can't read it; under `keep` the key has then not
    /// arrived.
    static let arrive: StaticString = """
        if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end \
        if ARGV[2] == 'replace' then redis.call('UNLINK', KEYS[2]) end \
        local result = 0 \
        if ARGV[4] ~= '' and redis.call('EXISTS', KEYS[2]) == 0 then \
        local reply = redis.pcall('RESTORE', KEYS[2], ARGV[3], ARGV[4]) \
        if type(reply) == 'table' and reply.err then \
        if string.find(reply.err, 'OOM', 1, true) then return reply end \
        if ARGV[2] == 'keep' then return -1 end \
        result = -1 \
        else result = 1 end \
        end \
        redis.call('SET', KEYS[1], 1, 'PX', ARGV[1]) \
        return result
        """

    /// At the old server: removes the value of a key that has arrived at the new one, unless the two are one
    /// server under two addresses, which the receipt shows.
    ///
    /// `KEYS`: the receipt, the key.
    static let remove: StaticString = """
        if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end \
        return redis.call('UNLINK', KEYS[2])
        """

    /// At the old server, before `MULTI`, while its keys are watched: changes the tombstones that exist, so
    /// that `EXEC` does nothing if there is one.
    ///
    /// `KEYS`: tombstones. `ARGV`: their ttl in milliseconds. Returns how many there are.
    static let guardAgainstMoves: StaticString = """
        local moved = 0 \
        for _, key in ipairs(KEYS) do moved = moved + redis.call('PEXPIRE', key, ARGV[1]) end \
        return moved
        """
}
