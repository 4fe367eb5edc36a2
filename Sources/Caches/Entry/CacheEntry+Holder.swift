// A lock and a claim have this in common: while somebody has it, the key holds that one's token.

extension CacheEntry {
    /// The server's name for a holder: 128 random bits, so that no two are ever the same.
    static func makeHolderToken() -> String { String(UInt128.random(in: .min ... .max), radix: 16) }

    /// Frees the key, if the token holds it. Its result is whether it did.
    final func releasing(_ token: String) -> CacheCommand<Bool> {
        CacheCommand(script: Script.releaseHolder, [.text(token)], idempotent: true) {
            try $0.requireInteger(from: $1) > 0
        }
    }
}

extension Script {
    /// Frees the key if the token `ARGV[1]` holds it. Returns whether it did.
    static let releaseHolder: StaticString = """
        local holder = redis.pcall('GET', KEYS[1]) \
        if type(holder) == 'table' then return holder end \
        return holder == ARGV[1] and redis.pcall('DEL', KEYS[1]) or 0
        """
}

extension Error {
    /// Whether the command that failed with it may have been carried out.
    var leavesCommandInDoubt: Bool {
        guard let error = self as? CachesError else { return self is CancellationError }
        return error.code == .timeout || error.code == .connectionLost
    }
}
