extension CacheEntry {
    /// Reads one page of the collection at the key, from its owner.
    ///
    /// - Returns: The page, and what stands for who gave it: nil, or an object that is the same for the next page if that
    ///   comes from the same process of a server. nil for both if the node is out and the policy is to miss.
    final func readPage<Page>(
        _ command: CacheCommand<Page>
    ) async throws -> (page: Page, origin: AnyObject?)? {
        do {
            let route = try route()
            do {
                return try await route.readPage(command)
            } catch let error as CachesError where error.leavesTime {
                // It was the connection alone that was lost.
                guard try await route.node.isUsed(before: route.deadline) else { throw error }
                return try await route.readPage(command)
            }
        } catch let error as CachesError {
            try excuse(command.words, after: error)
            return nil
        }
    }
}

extension CacheEntry.Route {
    fileprivate func readPage<Page>(
        _ command: CacheCommand<Page>
    ) async throws -> (page: Page, origin: AnyObject?) {
        if let move = place.route.move {
            let (reply, node) = try await move.send(idempotent: true, deadline: deadline) { writer in
                command.words.write(key, to: &writer)
            }
            return (try command.read(reply, node), node)
        }
        let (reply, origin) = try await node.sendTraced(deadline: deadline) { writer in
            command.words.write(key, to: &writer)
        }
        return (try command.read(reply, node), origin)
    }
}
