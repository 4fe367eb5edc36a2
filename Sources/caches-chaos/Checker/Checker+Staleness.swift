extension Checker {
    /// Reads that found what is too old.
    func staleReads(_ views: [ClientView]) -> [Violation] {
        guard rule != .none else { return [] }
        // What was acknowledged is the same for every reader.
        let acknowledged = Floors(acknowledgedTo: views)
        let excuses = Excuses(faults: faults)
        return views.flatMap { view -> [Violation] in
            let floors =
                rule == .acknowledged ? acknowledged : Floors(for: view, among: views, excuses)
            return view.history.calls.compactMap { call in
                guard call.operation == .read, let version = call.result else { return nil }
                let floor =
                    // A stand-in's value may be as old as it is kept there.
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
