/// The flights that a task leads, the outermost first: what it waits for must not wait for one of them.
enum FlightPath {
    @TaskLocal static var led: [ObjectIdentifier] = []
}
