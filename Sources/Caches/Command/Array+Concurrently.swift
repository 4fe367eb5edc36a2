extension Array where Element: Sendable {
    /// Does something with each element, many at the same time, but no more than a bounded number.
    /// - Returns: The outcome of each, in order.
    func concurrently<Output: Sendable>(
        _ body: @escaping @Sendable (Element) async throws -> Output
    ) async -> [Result<Output, any Error>] {
        await withTaskGroup(of: (Int, Result<Output, any Error>).self) { group in
            var results = [Result<Output, any Error>?](repeating: nil, count: count)
            for (index, element) in enumerated() {
                // Each waits for a server most of its time.
                if index >= 256, let (index, result) = await group.next() { results[index] = result }
                group.addTask {
                    do { return (index, .success(try await body(element))) } catch {
                        return (index, .failure(error))
                    }
                }
            }
            for await (index, result) in group { results[index] = result }
            return results.compactMap(\.self)
        }
    }
}
