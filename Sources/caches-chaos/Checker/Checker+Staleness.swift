extension Checker {
    /// Reads that found a value that is too old.
    func staleReads(_ views: [ClientView]) -> [Violation] {
        guard rule != .none else { return [] }
        // Acknowledged writes are the same for every reader.
        let acknowledged = Floors(acknowledgedTo: views)
        let excuses = Excuses(faults: faults)
        return views.flatMap { view -> [Violation] in
            let floors =
                rule == .acknowledged ? acknowledged : Floors(for: view, among: views, excuses)
            return view.history.calls.compactMap { call in
                guard call.operation == .read, let version = call.result else { return nil }
                let floor =
                    // A value may be as old as the time for which a stand-in keeps it.
                    rule == .sawOutage && view.isOut(during: call)
                    ? acknowledged.floor(of: call.key, at: call.begin - Self.standInTTL - deadline)
                    : floors.floor(of: call.key, at: call.begin)
                guard let floor, version < floor else { return nil }
                return Violation(
                    client: view.client, call: call, kind: .stale(version: version, floor: floor))
            }
        }
    }
}
