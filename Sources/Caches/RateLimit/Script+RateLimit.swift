// Both kinds of window keep the same: a hash of moments, in milliseconds since 1970 on the server's clock,
// each with how much is given back then. What is in use is the sum of what is still to come. A field says by
// itself how long it counts, so that a limit or a window can be changed under it, and one kind for the other.
//
// A fixed window is one field: the end of the window that the first consumption began. A sliding window has a
// field for each of the steps in which it moves. What is consumed within a step is given back a window after
// the step's end: never early, at most one step late. The hash is never larger than the steps, whatever the
// limit, where an exact log holds each consumption; and no window of time ever holds more than the limit,
// where the usual estimate from two counters lets up to twice as much through in the worst case, because it
// assumes that the last window's consumption is spread evenly. (The estimate: Cloudflare, "How we built rate
// limiting capable of scaling to millions of domains", 2017.)

extension Script {
    /// Decides, and consumes if asked to and if the limit allows it; a refusal writes nothing.
    ///
    /// The time is the server's, so that the clients' clocks don't matter. (`TIME` before a write needs
    /// scripts to be replicated by their effects, as they are since Redis 5.)
    ///
    /// `ARGV`: the limit, the window in milliseconds, the steps in which it moves (0: it is fixed), the cost,
    /// whether to consume it (1 or 0); for tests only, the time in milliseconds.
    ///
    /// Returns whether the cost is allowed, what remains, in how many milliseconds the cost would be allowed
    /// if it isn't, and in how many all is given back.
    static let consume: StaticString = """
        local stored = redis.pcall('HGETALL', KEYS[1]) \
        if stored.err then return stored end \
        local limit, window, steps, cost = \
        tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]) \
        local now = tonumber(ARGV[6]) \
        if not now then \
        local time = redis.call('TIME') \
        now = time[1] * 1000 + math.floor(time[2] / 1000) \
        end \
        local used, last, counting, amounts, past = 0, 0, {}, {}, {} \
        for i = 1, #stored, 2 do \
        local moment, amount = tonumber(stored[i]), tonumber(stored[i + 1]) \
        if not (moment and amount) then return redis.error_reply('ERR hash value is not an integer') end \
        if moment > now then \
        used, counting[#counting + 1], amounts[moment] = used + amount, moment, amount \
        if moment > last then last = moment end \
        else past[#past + 1] = stored[i] end \
        end \
        local excess, wait = used - (limit - cost), 0 \
        if excess > 0 then \
        table.sort(counting) \
        for _, moment in ipairs(counting) do \
        excess, wait = excess - amounts[moment], moment - now \
        if excess <= 0 then break end \
        end \
        return {0, math.max(0, limit - used), wait, last - now} \
        end \
        if ARGV[5] == '1' then \
        if #past > 0 then \
        local reply = redis.pcall('HDEL', KEYS[1], unpack(past)) \
        if type(reply) == 'table' then return reply end \
        end \
        local moment = last \
        if steps > 0 then \
        local step = math.ceil(window / steps) \
        moment = (math.floor(now / step) + 1) * step + window \
        elseif last == 0 then moment = now + window end \
        last = math.max(last, moment) \
        local reply = redis.pcall('HINCRBY', KEYS[1], string.format('%.0f', moment), ARGV[4]) \
        if type(reply) == 'table' then return reply end \
        redis.call('PEXPIRE', KEYS[1], string.format('%.0f', last - now)) \
        used = used + cost \
        end \
        return {1, limit - used, 0, math.max(0, last - now)}
        """
}
