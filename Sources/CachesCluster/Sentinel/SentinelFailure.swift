import CachesTransport

/// Errors that say why no primary is known: each Sentinel's answer.
enum SentinelFailure {
    static func error(
        _ service: String, _ words: [(sentinel: Endpoint, word: SentinelReply)]
    ) -> CachesError {
        let answers = words.map { sentinel, word in "\(sentinel): \(text(word))" }
        let (code, advice) = meaning(words.map(\.word))
        return CachesError(
            code,
            "No Sentinel names a primary called \(service) (\(answers.joined(separator: "; "))).",
            advice: advice)
    }

    /// The error for a primary that is named but not connected to: see ``SentinelVouching``.
    static func unvouched(
        _ service: String, _ words: [(sentinel: Endpoint, word: SentinelReply)]
    ) -> CachesError {
        let answers = words.map { sentinel, word in "\(sentinel): \(text(word))" }
        return CachesError(
            .unreachable,
            "No two Sentinels of the DSN name the same primary called \(service) (\(answers.joined(separator: "; "))), and "
                + "without TLS the word of one is not enough to send it a password.",
            advice: "Bring the other Sentinels back, or begin the DSN with rediss+sentinel://.")
    }

    static func text(_ word: SentinelReply) -> String {
        switch word {
        case .answer(let answer): answer.primary.map { "\($0.endpoint)" } ?? "it knows no such primary"
        case .silence: "it did not answer in time"
        case .failure(let error):
            error.message.hasSuffix(".") ? String(error.message.dropLast()) : error.message
        }
    }

    private static func meaning(_ words: [SentinelReply]) -> (CachesError.Code, advice: String) {
        let codes = words.map { word -> CachesError.Code in
            switch word {
            case .answer: .configuration
            case .silence: .unreachable
            case .failure(let error): error.code
            }
        }
        if codes.contains(.configuration) {
            return (
                .configuration,
                "Check the name in the DSN's path: it stands after `sentinel monitor` in their configuration."
            )
        }
        if codes.contains(.authentication) {
            return (
                .authentication,
                "Set sentinel-user= and sentinel-password-file= in the DSN: Sentinels have credentials of their own."
            )
        }
        if codes.contains(.tls) {
            return (
                .tls, "Begin the DSN with rediss+sentinel:// only if the Sentinels speak TLS, too; check ca=."
            )
        }
        return (.unreachable, "Check that the Sentinels run, and the hosts and ports of the DSN.")
    }
}
