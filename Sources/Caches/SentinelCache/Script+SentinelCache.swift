extension Script {
    /// Claims a key, if nothing is there. Returns 1 if the claim is there then, and else 0.
    ///
    /// `ARGV`: the claim's token; `PX` and the ttl in milliseconds, if it has one. A claim that finds its own
    /// token has won before: it is sent again when its reply was lost.
    static let claim: StaticString = """
        local reply = redis.pcall('SET', KEYS[1], ARGV[1], 'NX', unpack(ARGV, 2)) \
        if reply then return reply.err and reply or 1 end \
        local holder = redis.pcall('GET', KEYS[1]) \
        if type(holder) == 'table' then return holder end \
        return holder == ARGV[1] and 1 or 0
        """
}
