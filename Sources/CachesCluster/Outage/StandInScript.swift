/// The Lua scripts that run on stand-ins. `Rejoin` explains their use.
///
/// Each reads a command's reply by `pcall` if it may be an error: before Redis 7, an error that leaves a
/// script by itself no longer begins with its code.
enum StandInScript {
    /// Carries out a command on a value that the stand-in keeps, unless the node is known to be back. A write
    /// is noted first.
    ///
    /// A mark that the caller has already seen is no news: the node is out once more.
    ///
    /// - `KEYS[1]`: the generation of the stand-in. `KEYS[2]`: the mark. `KEYS[3]`: the journal.
    /// - `ARGV[1]`: the mark that the caller has seen.
    /// - `ARGV[2]`: how long a value is kept at most, in milliseconds.
    /// - `ARGV[3]`: `read`, `write` or `note`.
    /// - `ARGV[4]`: the key. `ARGV[5]`: the prefix that only keys of its class have, or empty.
    /// - `ARGV[6]`: how many keys are noted. `ARGV[7]`: how long the journal is kept, in milliseconds.
    /// - `ARGV[8]`: the prefix of the values' names.
    /// - `ARGV[9]`: a text that tells this note from others of the key.
    /// - `ARGV[10]`: the command's name; then its words after the key.
    ///
    /// A full journal notes the class in place of the key; if it can't, the script answers `FULL`. A key of
    /// another type than this library writes, or a mark without an expiry, belongs to another program: it is
    /// removed, and the server's log says so.
    static let carryOut: StaticString = """
        local function remove(key) \
        redis.call('UNLINK', key) \
        pcall(redis.log, redis.LOG_WARNING, 'caches: removed ' .. key .. ', which another program wrote') \
        end \
        local function text(key) \
        local value = redis.pcall('GET', key) \
        if type(value) == 'table' then remove(key) end \
        return type(value) == 'string' and value \
        end \
        local mark = text(KEYS[2]) \
        if mark and redis.call('PTTL', KEYS[2]) == -1 then remove(KEYS[2]) mark = false end \
        if mark then \
        if mark ~= ARGV[1] then return redis.error_reply('BACK the node is back') end \
        if ARGV[3] ~= 'read' then redis.call('UNLINK', KEYS[2]) end \
        end \
        if ARGV[3] ~= 'read' then \
        local kind = redis.call('TYPE', KEYS[3]).ok \
        if kind ~= 'hash' and kind ~= 'none' then remove(KEYS[3]) end \
        local field, most = 'k' .. ARGV[4], tonumber(ARGV[6]) \
        if redis.call('HEXISTS', KEYS[3], field) == 0 and redis.call('HLEN', KEYS[3]) >= most then \
        field = 's' .. ARGV[5] \
        if ARGV[5] == '' or redis.call('HEXISTS', KEYS[3], field) == 0 \
        and redis.call('HLEN', KEYS[3]) >= most + 1000 then \
        return redis.error_reply('FULL no more notes are taken') end \
        end \
        redis.call('HSET', KEYS[3], field, ARGV[9]) \
        redis.call('PEXPIRE', KEYS[3], ARGV[7]) \
        if ARGV[3] == 'note' then return 0 end \
        end \
        local value = ARGV[8] .. (text(KEYS[1]) or '0') .. ':' .. ARGV[4] \
        local reply = redis.pcall(ARGV[10], value, unpack(ARGV, 11)) \
        if ARGV[3] == 'write' then \
        local left = redis.call('PTTL', value) \
        if left == -1 or left > tonumber(ARGV[2]) then redis.call('PEXPIRE', value, ARGV[2]) end \
        end \
        return reply
        """

    /// Returns the server's memory: the marker, its run id, how many seconds it has run, and how many
    /// milliseconds the marker lasts.
    ///
    /// `KEYS`: the marker. `ARGV`: a random text to leave if there is no marker, empty to leave none; how
    /// many milliseconds it is kept from now on. A user who may not run `INFO` gets the marker alone.
    static let memory: StaticString = """
        if type(redis.pcall('GET', KEYS[1])) == 'table' then redis.call('UNLINK', KEYS[1]) end \
        if ARGV[1] ~= '' then \
        redis.call('SET', KEYS[1], ARGV[1], 'NX') \
        redis.call('PEXPIRE', KEYS[1], ARGV[2]) \
        end \
        local info = redis.pcall('INFO', 'server') \
        if type(info) ~= 'string' then info = '' end \
        return {redis.call('GET', KEYS[1]) or '', string.match(info, 'run_id:(%w+)') or '', \
        string.match(info, 'uptime_in_seconds:(%d+)') or '', redis.call('PTTL', KEYS[1])}
        """

    /// Marks that the node is back, unless there are notes, which must be processed first. Also returns the
    /// server's memory.
    ///
    /// A journal, a mark or a marker of another type than this library writes, or without an expiry, belongs
    /// to another program. It is removed and counted: it would keep the node out, or make it lose keys.
    ///
    /// `KEYS`: the journal, the mark, the marker. `ARGV`: a mark, how long it is kept in milliseconds.
    /// Returns the number of notes, the mark, the number of keys removed as another program's, and the
    /// results of `memory`.
    static let close: StaticString = """
        local forged = 0 \
        local function check(key, kind) \
        local found = redis.call('TYPE', key).ok \
        if found == 'none' then return end \
        if found ~= kind or redis.call('PTTL', key) == -1 then \
        redis.call('UNLINK', key) forged = forged + 1 end \
        end \
        check(KEYS[1], 'hash') check(KEYS[2], 'string') check(KEYS[3], 'string') \
        local notes, mark = redis.call('HLEN', KEYS[1]), '' \
        if notes == 0 then \
        redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) \
        redis.call('PEXPIRE', KEYS[2], ARGV[2]) \
        mark = redis.call('GET', KEYS[2]) \
        end \
        local info = redis.pcall('INFO', 'server') \
        if type(info) ~= 'string' then info = '' end \
        return {notes, mark, forged, redis.call('GET', KEYS[3]) or '', \
        string.match(info, 'run_id:(%w+)') or '', string.match(info, 'uptime_in_seconds:(%d+)') or '', \
        redis.call('PTTL', KEYS[3])}
        """

    /// Removes processed notes, and the values of their keys, unless they were noted again.
    ///
    /// `KEYS`: the journal, the generation. `ARGV`: the prefix of the values' names, then fields, each
    /// followed by the text that tells its note from others.
    static let forget: StaticString = """
        local generation = redis.pcall('GET', KEYS[2]) \
        local prefix = ARGV[1] .. (type(generation) == 'string' and generation or '0') .. ':' \
        for i = 2, #ARGV, 2 do \
        if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then \
        redis.call('HDEL', KEYS[1], ARGV[i]) \
        if string.sub(ARGV[i], 1, 1) == 'k' then redis.call('UNLINK', prefix .. string.sub(ARGV[i], 2)) end \
        end \
        end \
        return redis.call('HLEN', KEYS[1])
        """

    /// Ends the values that a node keeps in place of others, unless another process has done that since it
    /// went out.
    ///
    /// `KEYS`: the generation. `ARGV`: a name, how many milliseconds it is kept, how many milliseconds ago
    /// the node went out.
    static let beginGeneration: StaticString = """
        local left, most = redis.call('PTTL', KEYS[1]), tonumber(ARGV[2]) \
        if left > most - tonumber(ARGV[3]) and left <= most \
        and type(redis.pcall('GET', KEYS[1])) == 'string' then return 0 end \
        redis.call('SET', KEYS[1], ARGV[1], 'PX', most) \
        return 1
        """

    /// Takes a lock, unless another process has it. A lock without an expiry, or with a later one than is
    /// ever given, belongs to another program: it would keep the work from being done.
    ///
    /// `KEYS`: the lock. `ARGV`: a text, how many milliseconds the lock is taken for. Returns 1 if it is
    /// taken.
    static let lock: StaticString = """
        local left = redis.call('PTTL', KEYS[1]) \
        if left >= 0 and left <= tonumber(ARGV[2]) then return 0 end \
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) \
        return 1
        """

    /// Returns the server's clock: seconds and microseconds (https://redis.io/docs/latest/commands/time/).
    static let time: StaticString = "return redis.call('TIME')"

    /// Carries out a command on a key in doubt, on the node that owns it.
    ///
    /// `KEYS`: the key, and its ``StandInKeys/sure(_:)``. `ARGV`: the time since which writes there are sure,
    /// in milliseconds of the server's clock (a `sure` later than the server's own time is another program's,
    /// and ignored); how many milliseconds a write is remembered; `write`, or `read` for a command that is
    /// carried out only if the key is sure; the command's name, and its words after the key.
    static let doubt: StaticString = """
        local time = redis.call('TIME') \
        local now = time[1] * 1000 + math.floor(time[2] / 1000) \
        if ARGV[3] == 'read' then \
        local sure = redis.pcall('GET', KEYS[2]) \
        sure = type(sure) == 'string' and tonumber(sure) \
        if not sure or sure <= tonumber(ARGV[1]) or sure > now then \
        return redis.error_reply('DOUBT it may be old') end \
        return redis.pcall(ARGV[4], KEYS[1], unpack(ARGV, 5)) \
        end \
        local reply = redis.pcall(ARGV[4], KEYS[1], unpack(ARGV, 5)) \
        if type(reply) == 'table' and reply.err then return reply end \
        redis.call('SET', KEYS[2], string.format('%.0f', now), 'PX', ARGV[2]) \
        return reply
        """
}
