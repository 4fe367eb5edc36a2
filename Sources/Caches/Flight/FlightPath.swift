/// The flights that a task leads, the outermost first: a flight that it waits for must not wait for one of
/// these.
enum FlightPath {
    @TaskLocal static var led: [ObjectIdentifier] = []
}
