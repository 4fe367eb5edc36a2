// Paging through a sorted set. Its order is that of (score, bytes of the element), and a page is the items
// that come next in that order after the last item of the page before: whether that item is still there does
// not matter, nor what was added or removed before it. Paging by rank repeats or skips items when the ranks
// shift, and paging by score alone can't get past more equal scores than a page holds.
//
// The place is found by bisection among the equal scores, where a server has no command to ask for it. Lua's
// own `<` would not do: it compares as the server's locale does, in many of which `B` comes after `a`, while
// a sorted set compares bytes.

extension Script {
    /// The items that come after one that may be there or not.
    ///
    /// `ARGV`: how many, the score and the bytes of that item, `REV` if the list is from the highest.
    ///
    /// `precedes` compares by the first byte that differs, behind the longest prefix that both have, which is
    /// found by bisection, too.
    static let itemsAfter: StaticString = """
        local function precedes(a, b) \
        local same, most = 0, math.min(#a, #b) \
        while same < most do \
        local middle = math.ceil((same + most) / 2) \
        if a:sub(same + 1, middle) == b:sub(same + 1, middle) then same = middle else most = middle - 1 end \
        end \
        return (a:byte(same + 1) or -1) < (b:byte(same + 1) or -1) \
        end \
        local reverse = ARGV[4] == 'REV' \
        local first = redis.pcall('ZCOUNT', KEYS[1], '-inf', '(' .. ARGV[2]) \
        if type(first) == 'table' then return first end \
        local past = redis.call('ZCOUNT', KEYS[1], '-inf', ARGV[2]) \
        while first < past do \
        local middle = math.floor((first + past) / 2) \
        local element = redis.call('ZRANGE', KEYS[1], middle, middle)[1] \
        if precedes(element, ARGV[3]) or (not reverse and element == ARGV[3]) then first = middle + 1 \
        else past = middle end \
        end \
        if reverse then first = redis.call('ZCARD', KEYS[1]) - first end \
        return redis.call('ZRANGE', KEYS[1], first, first + ARGV[1] - 1, 'WITHSCORES', unpack(ARGV, 4))
        """
}
