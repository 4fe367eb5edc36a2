/// A command that this library sends to servers, by itself or from a script.
///
/// ``all`` is the one list of them: `cachesctl doctor` asks each server whether the user may run them, and
/// the ACL example in `Config/production-redis.conf` grants them. A new command of a class must be added
/// here; the tests of the classes run as a user that may run nothing else.
package struct UsedCommand: Hashable, Sendable {
    /// The purpose of a command: a program without that purpose needs no permission for it.
    package enum Purpose: String, Hashable, Sendable, CaseIterable {
        /// Opening a connection, and single values: every program needs these.
        case values = "connections and Cache"
        case dictionaries = "DictCache"
        case sets = "SetCache"
        case sortedSets = "SortedSetCache"
        case gates = "SentinelCache, LockCache and RateLimitCache"
        case transactions = "CachePool.transaction"
        /// Keys that go to another server when servers are added or removed.
        case handOver = "servers that are added and removed"
        /// Nodes that stand in for one that is out, and its return.
        case outages = "servers that are out and return"
        /// Servers of a Redis or Valkey Cluster.
        case clusters = "clusters"
        /// Whether a server is the primary that Sentinels say it is.
        case sentinels = "servers that Sentinels watch"
        /// Over the whole keyspace: scan, clear, explain.
        case keyspace = "keys(matching:), clear(matching:) and explain"
        /// What `cachesctl` and `CLIENT LIST` show, and nothing else.
        case observation = "client names and INFO"
    }

    /// The command with words that make it complete; the word `KEY` stands for a key.
    package let words: [String]

    package let purpose: Purpose

    private init(_ purpose: Purpose, _ text: String) {
        words = text.split(separator: " ").map(String.init)
        self.purpose = purpose
    }

    /// The command's name, with its subcommand as ACL rules have it: `get`, `client|setname`.
    package var name: String {
        let parts = Self.containers.contains(words[0]) ? words.prefix(2) : words.prefix(1)
        return parts.joined(separator: "|").lowercased()
    }

    /// The words with a key in its place.
    package func words(on key: String) -> [String] { words.map { $0 == "KEY" ? key : $0 } }

    /// The commands' names, each once.
    package static var names: [String] {
        var seen: Set<String> = []
        return all.map(\.name).filter { seen.insert($0).inserted }
    }

    /// Commands that are told apart by their second word.
    private static let containers: Set<String> = ["CLIENT", "CLUSTER", "MEMORY", "OBJECT"]

    /// Every command, by purpose.
    package static let all: [UsedCommand] = commands.flatMap { purpose, texts in
        texts.map { UsedCommand(purpose, $0) }
    }

    /// The commands that a user of the Sentinels themselves may have to run, as ACL rules:
    /// `Config/production-sentinel.conf` grants it.
    package static let atSentinels = [
        "ping", "client|setname", "sentinel|master", "sentinel|get-master-addr-by-name", "sentinel|replicas",
        "sentinel|sentinels", "sentinel|myid", "subscribe", "unsubscribe",
    ]

    // EVAL is with the values, since their increments with a ttl are scripts.
    private static let commands: [(Purpose, [String])] = [
        (
            .values,
            [
                "PING", "SELECT 0", "GET KEY", "SET KEY 1", "MGET KEY", "UNLINK KEY", "EXISTS KEY",
                "INCRBY KEY 1",
                "PTTL KEY", "PEXPIRE KEY 1", "PERSIST KEY", "EVAL return(1) 0",
            ]
        ),
        (
            .dictionaries,
            [
                "HGET KEY f", "HSET KEY f v", "HSETNX KEY f v", "HMGET KEY f", "HDEL KEY f", "HEXISTS KEY f",
                "HLEN KEY", "HGETALL KEY", "HINCRBY KEY f 1", "HINCRBYFLOAT KEY f 1", "HRANDFIELD KEY",
                "HSCAN KEY 0",
            ]
        ),
        (
            .sets,
            [
                "SADD KEY e", "SREM KEY e", "SPOP KEY", "SISMEMBER KEY e", "SMISMEMBER KEY e",
                "SRANDMEMBER KEY",
                "SCARD KEY", "SMEMBERS KEY", "SSCAN KEY 0", "SUNION KEY", "SINTER KEY", "SDIFF KEY",
            ]
        ),
        (
            .sortedSets,
            [
                "ZADD KEY 1 e", "ZINCRBY KEY 1 e", "ZREM KEY e", "ZREMRANGEBYRANK KEY 0 0",
                "ZREMRANGEBYSCORE KEY 0 0", "ZPOPMIN KEY", "ZPOPMAX KEY", "ZSCORE KEY e", "ZMSCORE KEY e",
                "ZRANK KEY e", "ZREVRANK KEY e", "ZCARD KEY", "ZCOUNT KEY 0 0", "ZRANGE KEY 0 0",
                "ZRANDMEMBER KEY",
            ]
        ),
        (.gates, ["DEL KEY", "TIME", "HGETALL KEY", "HINCRBY KEY f 1", "HDEL KEY f"]),
        (.transactions, ["MULTI", "EXEC"]),
        (.handOver, ["WATCH KEY", "DUMP KEY", "RESTORE KEY 0 v"]),
        (
            .outages,
            [
                "HEXISTS KEY f", "HLEN KEY", "HSET KEY f v", "HGET KEY f", "HDEL KEY f", "HSCAN KEY 0",
                "SCAN 0", "TIME", "TYPE KEY",
            ]
        ),
        (.clusters, ["CLUSTER SLOTS", "ASKING", "READONLY"]),
        (
            .keyspace,
            [
                "SCAN 0", "DBSIZE", "TYPE KEY", "MEMORY USAGE KEY", "OBJECT ENCODING KEY",
                "OBJECT IDLETIME KEY",
                "OBJECT FREQ KEY",
            ]
        ),
        (.sentinels, ["ROLE"]),
        (.observation, ["CLIENT SETNAME caches", "INFO"]),
    ]
}
