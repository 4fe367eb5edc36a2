/// Texts that several commands share in their help.
enum HelpText {
    /// The variables that the tool and the library read, for every command's help.
    static let environment = """
        ENVIRONMENT:
          CACHES_DSN, CACHES_DSN_1, CACHES_DSN_2, …
            The servers, one in each variable, gaps allowed. Forms of a DSN:
            redis://[[user:]password@]host[:port][/database][?options][#name]
            rediss://…                             the same over TLS
            redis+unix:///path/to/socket[?options][#name]
            redis+cluster://host,host[#name]       some servers of a cluster
            redis+sentinel://host,host/primary/0   Sentinels of a primary
          CACHES_POOL
            Options of the whole pool, such as deadline=500ms.
          NO_COLOR
            Any value turns colour off, unless --color always is given.
        """

    /// The meaning of exit codes, for the help of the commands on keys.
    static let exitCodes = """
        EXIT CODES:
          0   done
          1   the answer is no: a key doesn't exist, a server is down or refused
          64  the arguments or the configuration are wrong
          130 interrupted by Ctrl-C
        """
}
