/// The cases in which a reader can't know that something was written while a node was out.
///
/// Two other nodes, the *holders*, note a write in place of a node before it is acknowledged, and the writer
/// itself remembers it. A client that sees the node return looks at the notes of the others. A key whose
/// notes can't be read is in doubt for a while (``doubt``). So a value that is too old may be read only in
/// these cases:
///
///  - The write was acknowledged *after the reader's last look began*: only a lock would close that window.
///    It is as long as a look takes, ``Checker/look``, plus the time in which the reader did not get to run.
///  - *Both holders have lost their data, or could not be read* by the reader, and the writer has not come
///    back to the node. In a fleet of two the one holder counts for both. While the doubt lasts, this does
///    not excuse; nor does it after the writer has come back, since a writer removes the keys that it
///    remembers.
///  - *Two or more of the key's first three others were out for the writer*, in fleets of more than three:
///    the holders are then not among the nodes that a reader relies on.
struct Excuses {
    let faults: [Fault]

    /// How long a key whose notes could not be read is in doubt: twice the back-off's cap, and 5 s.
    static let doubt: Int64 = 15_000_000

    /// The times in which a write on stand-ins is the oldest that the reader may find, with the node back for
    /// it.
    ///
    /// - Parameter outage: The outage of the node, as the reader saw it.
    func floors(
        of write: ClientView.StandInWrite, by writer: ClientView, for reader: ClientView,
        after outage: Range<Int64>
    ) -> [ClosedRange<Int64>] {
        let (call, back) = (write.call, outage.upperBound)
        guard back < .max else { return [] }
        let look = reader.lastLook(at: call.node, ending: outage)
        guard call.end <= look || look == back else { return [] }
        guard let order = writer.history.orders[call.key]?.filter({ $0 != call.node }) else {
            return [back...(.max)]
        }
        if order.count > 2,
            order.prefix(3).count(where: { writer.isOut($0, during: call.begin..<call.end + 1) }) > 1
        {
            return []
        }
        // The writer may have seen a node go out while it wrote.
        let isUnknown = [call.begin, call.end].contains { time in
            let holders = order.lazy.filter { !writer.isOut($0, at: time) }.prefix(2)
            return holders.allSatisfy {
                isLost(on: $0, from: call.begin, to: back)
                    || isUnread(on: $0, by: reader, from: look, to: back)
            }
        }
        guard isUnknown else { return [back...(.max)] }
        let writerIsBack = write.outage.upperBound
        let known = back...(back + Self.doubt)
        if writerIsBack == .max { return [known] }
        return writerIsBack <= known.upperBound ? [back...(.max)] : [known, writerIsBack...(.max)]
    }

    private func isLost(on server: Int, from begin: Int64, to end: Int64) -> Bool {
        faults.contains { $0.server == server && $0.kind.empties && $0.begin <= end && begin <= $0.end }
    }

    private func isUnread(on server: Int, by reader: ClientView, from begin: Int64, to end: Int64) -> Bool {
        reader.isOut(server, during: begin..<end + 1)
            || faults.contains {
                $0.server == server && $0.kind != .flush && $0.isOnWay(from: reader.client, to: server)
                    && $0.begin <= end
                    && begin <= $0.end
            }
    }
}
