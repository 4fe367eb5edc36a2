/// The contexts in use, so that all connections with the same settings share one: with the system's
/// authorities it takes most of a mebibyte, and some milliseconds to make.
///
/// A file that changes makes a new context, for the connections that are opened from then on. While the new
/// files can't be used, because a key has been replaced and its certificate not yet, connections go on with
/// the context that was made last.
enum TLSContexts {
    struct Entry: Sendable {
        fileprivate let configuration: TLSConfiguration
        /// The files that it was made of, before they were read: if one changed in between, the next look
        /// finds that out.
        let files: TLSFiles
        let context: TLSContext
    }

    /// A context has to outlive its connections, or a lost one could not be resumed. More configurations than
    /// these are rare: the least recently used lose only that.
    private static let mostKept = 8

    /// The most recently used first.
    private static let entries = Locked<[Entry]>([])

    /// The context for a configuration. It reads files: not to be called on the loop.
    static func context(for configuration: TLSConfiguration) throws(CachesError) -> Entry {
        do throws(CachesError) {
            return try current(for: configuration)
        } catch {
            let last = entries.withLock { $0.first { $0.configuration == configuration } }
            guard let last else { throw error }
            return last
        }
    }

    /// The context for a configuration whose files are as they are now.
    static func current(for configuration: TLSConfiguration) throws(CachesError) -> Entry {
        let files = TLSFiles(of: configuration)
        let kept = entries.withLock { entries -> Entry? in
            guard
                let index = entries.firstIndex(where: {
                    $0.configuration == configuration && $0.files == files
                })
            else { return nil }
            let entry = entries.remove(at: index)
            entries.insert(entry, at: 0)
            return entry
        }
        if let kept { return kept }
        let entry = Entry(configuration: configuration, files: files, context: try TLSContext(configuration))
        entries.withLock { entries in
            // Its files are gone: nobody will ask for it again.
            entries.removeAll { $0.configuration == configuration }
            entries.insert(entry, at: 0)
            if entries.count > mostKept { entries.removeLast() }
        }
        return entry
    }
}
