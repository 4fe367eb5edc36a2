/// The event loops of the process. Only this file knows how many there are: one.
///
/// A node stays on the loop that it was given, with its connections and timers: all their events happen on
/// one thread. More loops take more nodes; a call that waits for two nodes may then be resumed by two
/// threads.
public enum EventLoops {
    private static let only = EventLoop(name: "caches-loop")

    /// The loop of a new node, or of a connection that belongs to none. Its thread starts on first use.
    public static func forNode() -> EventLoop { only }

    /// The loop for timers that belong to no node.
    package static var forTimers: EventLoop { only }

    /// The loop on which tasks run that make many small calls: see `CachePool.withExecutor`.
    public static var forTasks: EventLoop { only }
}
