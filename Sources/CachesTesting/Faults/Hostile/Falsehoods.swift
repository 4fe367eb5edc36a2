/// The parts of lies.
enum Falsehoods {
    /// Numbers at which arithmetic, and parsers of numbers, go wrong.
    static let numbers = [
        "0", "-0", "-1", "1", "2", "9", "10", "255", "256", "16383", "16384", "65535", "65536", "2147483647",
        "2147483648", "-2147483648", "4294967295", "4294967296", "9007199254740992", "9007199254740993",
        "9223372036854775807", "-9223372036854775808", "-9223372036854775807", "9223372036854775806",
        "9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616",
        "99999999999999999999999999", "1e18", "1e19", "1.5", "-1.5", "1e308", "1e309", "-1e309", "inf",
        "-inf", "nan", "-nan", "0x10", "+5", " 5", "5 ", "007", "", "-", "1-1", "\u{661}",
    ]

    /// Lengths of strings and arrays that do not come.
    static let counts = [
        "2147483647", "4294967295", "4294967296", "9223372036854775807", "536870912", "1048577", "100000",
        "-2", "-9223372036854775808", "1152921504606846976",
    ]

    /// Texts that harm programs that show them.
    static let texts = [
        "", "a\u{1B}[2J\u{1B}]0;title\u{7}b", "line\rback", "tab\tand\u{0}nul", "\u{202E}turned\u{202C}",
        "\u{2028}parted\u{2029}", "\u{9B}31mred", "\u{85}next", "\u{7F}", "\u{FEFF}x", "\u{200B}", "e\u{301}",
        String(repeating: "long ", count: 2000),
    ]

    static let statuses = ["OK", "QUEUED", "PONG", "", "string", "none", "a\u{1B}[2Jb"]

    /// Errors that clients know, and some that they don't.
    static let errors = [
        "ERR something", "WRONGTYPE Operation against a key holding the wrong kind of value",
        "LOADING Redis is loading the dataset in memory", "MASTERDOWN Link with MASTER is down",
        "READONLY You can't write against a read only replica.", "BUSY Redis is busy running a script",
        "OOM command not allowed when used memory > 'maxmemory'", "NOAUTH Authentication required.",
        "NOPERM this user has no permissions", "NOSCRIPT No matching script.",
        "EXECABORT Transaction discarded",
        "TRYAGAIN Multiple keys request during rehashing of slot", "CLUSTERDOWN The cluster is down",
        "MISCONF Errors writing to the AOF file", "NOREPLICAS Not enough good replicas to write.",
        "CROSSSLOT Keys in request don't hash to the same slot", "WRONGPASS invalid username-password pair",
        "ERR Protocol error: invalid bulk length", "ERR Protocol error: too big mbulk count string",
        "ERR unknown command 'X'", "ERR max number of clients reached", "ERR", "", " ", "err lower",
        "ERR value",
        "ERR Error running script (call to f_1): @user_script:42: -READONLY You can't write",
        "BUSYKEY Target key name already exists.", "BUSYGROUP", "UNKILLABLE", "NOTBUSY", "IOERR error",
        "\u{1B}[2J", "ERR a\u{1B}]0;title\u{7}b",
    ]

    /// Replies of the types that only RESP3 has, and messages that nobody has subscribed to.
    static let resp3 = [
        "_\r\n", "#t\r\n", ",1.5\r\n", ",inf\r\n", "(3492890328409238509324850943850943825024385\r\n",
        "!5\r\nERR x\r\n", "=6\r\ntxt:ab\r\n", "%1\r\n+a\r\n:1\r\n", "~1\r\n:1\r\n",
        "|1\r\n+a\r\n:1\r\n+OK\r\n", ">2\r\n+message\r\n+x\r\n", "%9223372036854775807\r\n",
        "$?\r\n;4\r\nabcd\r\n;0\r\n", "*?\r\n:1\r\n.\r\n", ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nx\r\n",
        "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nx\r\n",
    ]

    /// The targets of a cluster's redirections, invalid addresses among them.
    static let addresses = [
        ":1", "", "?:7000", "[::1]:1", "127.0.0.1:99999", "127.0.0.1:-1", "no such host:1", "127.0.0.1",
        "127.0.0.1:9223372036854775808",
    ]

    /// The first bytes of lines.
    static let marks = ["+", "-", ":", "$", "*"]

    /// Elements of arrays.
    static let elements = [":1\r\n", "$0\r\n\r\n", "*0\r\n", "$-1\r\n"]
}
