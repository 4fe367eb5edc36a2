// The lock is a string: the token of its holder, with the lock's ttl. A caller that shows the token is the
// holder. (https://redis.io/docs/latest/develop/use/patterns/distributed-locks/, the single instance's part)

extension Script {
    /// Grants the lock if it is free, or held by the same token: a request that is sent again after a lost
    /// reply is granted again. Returns `OK`, or how many milliseconds the holder may still have it.
    ///
    /// `ARGV`: the token, the ttl in milliseconds.
    static let acquireLock: StaticString = """
        local holder = redis.pcall('GET', KEYS[1]) \
        if type(holder) == 'table' then return holder end \
        if holder and holder ~= ARGV[1] then return redis.call('PTTL', KEYS[1]) end \
        return redis.pcall('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        """

    /// Restarts the ttl of the lock if the token holds it. Returns whether it does.
    ///
    /// `ARGV`: the token, the ttl in milliseconds.
    static let extendLock: StaticString = """
        local holder = redis.pcall('GET', KEYS[1]) \
        if type(holder) == 'table' then return holder end \
        return holder == ARGV[1] and redis.pcall('PEXPIRE', KEYS[1], ARGV[2]) or 0
        """
}
