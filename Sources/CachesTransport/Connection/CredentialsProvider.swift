/// A source of credentials that change while the process runs: passwords that are rotated, tokens that
/// expire.
///
/// ```swift
/// configuration.credentialsProvider = CredentialsProvider {
///     Credentials(username: "app", password: Secret(try await tokens.current()))
/// }
/// ```
///
/// It is asked whenever a connection is opened, within the time that opening may take, and in the interval
/// ``ConnectionConfiguration/reloadInterval`` while one is open: if the answer has changed, the connection
/// authenticates again. So it should answer from memory, and fetch a token before the last one expires.
public struct CredentialsProvider: Hashable, Sendable {
    /// Two closures can't be compared: each is itself alone.
    private final class Closure: Hashable, Sendable {
        let provide: @Sendable () async throws -> Credentials

        init(_ provide: @escaping @Sendable () async throws -> Credentials) { self.provide = provide }

        static func == (left: Closure, right: Closure) -> Bool { left === right }
        func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
    }

    private enum Source: Hashable, Sendable {
        case closure(Closure)
        case file(String, username: String?)
    }

    private let source: Source

    /// Credentials that a closure returns. An error from it ends the attempt to connect; the error is not
    /// quoted, since it may hold a secret.
    public init(_ provide: @escaping @Sendable () async throws -> Credentials) {
        source = .closure(Closure(provide))
    }

    private init(_ source: Source) { self.source = source }

    /// The password that a file holds, and nothing else but a line end after it.
    public static func passwordFile(_ path: String, username: String? = nil) -> CredentialsProvider {
        CredentialsProvider(.file(path, username: username))
    }

    /// The file that the password is in, if it is in one.
    public var file: String? {
        if case .file(let path, _) = source { path } else { nil }
    }

    /// The user whose password is in a file.
    public var username: String? {
        if case .file(_, let username) = source { username } else { nil }
    }

    /// The credentials as they are now. `body` gets them on a thread that may block.
    package func current(_ body: @escaping @Sendable (Result<Credentials, CachesError>) -> Void) {
        switch source {
        case .file(let path, let username):
            BlockingWork.run {
                body(
                    Result { () throws(CachesError) in
                        let password = try SecretFile.read(
                            path, option: "password-file", code: .authentication)
                        return Credentials(username: username, password: password)
                    })
            }
        case .closure(let closure):
            Task {
                do {
                    body(.success(try await closure.provide()))
                } catch {
                    body(.failure(Self.failed(error)))
                }
            }
        }
    }

    private static func failed(_ error: any Error) -> CachesError {
        CachesError(
            .authentication, "The credentials provider failed with an error of the type \(type(of: error)).",
            advice: "See what it does; it is asked again at the next attempt.")
    }
}
