import Testing

@testable import CachesTransport

@Suite("The task that waits") struct TaskReferenceTests {
    /// The task of a continuation, and the running one.
    private func references() async throws -> (TaskReference, TaskReference) {
        var references: (TaskReference, TaskReference)?
        let _: Void = try await unsafe withUnsafeThrowingContinuation { continuation in
            let running = unsafe withUnsafeCurrentTask { unsafe TaskReference($0!) }
            unsafe references = (TaskReference(of: continuation), running)
            unsafe continuation.resume()
        }
        return try #require(references)
    }

    @Test("A continuation is the pointer to the task that it continues: release builds rely on that")
    func continuation() async throws {
        let (waiting, running) = try await references()
        #expect(waiting == running)
        let (other, _) = try await Task { try await references() }.value
        #expect(other != waiting)
    }

    @Test("A task is known to be cancelled, by itself and by others")
    func cancelled() async throws {
        let (stream, started) = AsyncStream<TaskReference>.makeStream()
        let task = Task {
            let (own, _) = try await references()
            #expect(!own.isCancelled)
            started.yield(own)
            while !Task.isCancelled { await Task.yield() }
            return own.isCancelled
        }
        var others = stream.makeAsyncIterator()
        let other = try #require(await others.next())
        #expect(!other.isCancelled)
        task.cancel()
        #expect(other.isCancelled)
        #expect(try await task.value)
    }
}
