/// The changes to a connection's files, credentials and address since it opened.
package struct ConnectionChanges: Sendable {
    /// Certificates, keys or authorities: new connections use others.
    package var haveFilesChanged = false

    /// The credentials, if they have changed.
    package var credentials: Credentials?

    /// The name of its host leads to other addresses than the one that it was opened at.
    package var leadsElsewhere = false

    /// Why something that has changed can't be used yet. Connections keep the old state.
    package var error: CachesError?

    /// No change.
    package init() {}
}

extension ConnectionConfiguration {
    /// Whether anything of it may change while the process runs.
    package var mayChange: Bool { credentialsProvider != nil || tls?.files.isEmpty == false }

    /// Checks for changes since a connection was opened. `body` gets the answer once, on some thread; late,
    /// if the credentials' provider takes long.
    package func look(since session: SessionInfo, _ body: @escaping @Sendable (ConnectionChanges) -> Void) {
        guard let credentialsProvider else {
            return BlockingWork.run { [self] in body(fileChanges(since: session)) }
        }
        credentialsProvider.current { [self] credentials in
            BlockingWork.run { [self] in
                var changes = fileChanges(since: session)
                switch credentials {
                case .success(let credentials):
                    changes.credentials = credentials == session.credentials ? nil : credentials
                case .failure(let error): changes.error = changes.error ?? error
                }
                body(changes)
            }
        }
    }

    private func fileChanges(since session: SessionInfo) -> ConnectionChanges {
        var changes = ConnectionChanges()
        guard let tls, TLSFiles(of: tls) != session.files else { return changes }
        do throws(CachesError) {
            _ = try TLSContexts.current(for: tls)
            changes.haveFilesChanged = true
        } catch { changes.error = error }
        return changes
    }
}

extension Resolver {
    /// Checks whether a host's name now leads elsewhere than a connection that was opened to it.
    ///
    /// A connection lasts for months, and a name is looked up when one opens. Where a name stands for
    /// whichever server is the primary, or was given another server, the former one may live on and keep the
    /// connection.
    ///
    /// - Parameter body: Called once, on some thread; with false if the name service doesn't say.
    package func leadsElsewhere(
        _ endpoint: Endpoint, than session: SessionInfo, _ body: @escaping @Sendable (Bool) -> Void
    ) {
        guard case .tcp(let host, let port) = endpoint, let address = session.address else {
            return body(false)
        }
        lookUp(LookUps.Name(host: host, port: port)) { found in
            let addresses = try? found.get()
            body(addresses?.contains(address) == false)
        }
    }
}

extension Connection {
    /// Authenticates again, while commands flow: the server applies it to those that follow.
    /// - Throws: ``CachesError``; the connection then stays authenticated as it was.
    package func authenticate(_ credentials: Credentials, deadline: Deadline) async throws {
        let replies = try await pipeline(1, deadline: deadline) { credentials.write(to: &$0) }
        guard case .error(let answer)? = replies.first else { return }
        throw Greeting.authenticationError(credentials, answer).at(configuration.name)
    }
}
