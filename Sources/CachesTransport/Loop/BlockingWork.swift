private import Dispatch

/// Work that blocks (name servers, files), on a thread that is there at once: never on the event loop, and
/// never on the pool that runs tasks.
enum BlockingWork {
    /// A queue of its own for each piece of work: Dispatch's global ones have a thread a core, and share them
    /// with the tasks' pool, so that a resolver would wait there for tasks that compute.
    static func run(_ work: @escaping @Sendable () -> Void) {
        DispatchQueue(label: "caches.blocking").async(execute: work)
    }
}
