/// The address of a name that worked last, and the one that failed last.
///
/// A name with several addresses may lead to one that is dead, or to a proxy that accepts and has nothing
/// behind it. So the one that worked last is tried first, and the one that failed last is tried last. If the
/// name service fails, the one that worked last is all there is to try.
///
/// A value.
struct AddressMemory: Sendable {
    /// So many names are remembered; a pool is made for 100 nodes.
    static let capacity = 1024

    private struct Entry {
        var good: Address?
        var bad: Address?
    }

    private var entries: [LookUps.Name: Entry] = [:]

    /// A connection opened at an address.
    mutating func worked(_ address: Address, of name: LookUps.Name) {
        change(name) { entry in
            entry.good = address
            if entry.bad == address { entry.bad = nil }
        }
    }

    /// An address was connected to, and no connection opened.
    mutating func failed(_ address: Address, of name: LookUps.Name) {
        change(name) { entry in
            entry.bad = address
            if entry.good == address { entry.good = nil }
        }
    }

    /// The address of a name that was of use last.
    func good(of name: LookUps.Name) -> Address? { entries[name]?.good }

    /// The addresses in the order in which they are tried.
    func sorted(_ addresses: [Address], of name: LookUps.Name) -> [Address] {
        guard let entry = entries[name], addresses.count > 1 else { return addresses }
        let first = addresses.filter { $0 == entry.good }
        let last = addresses.filter { $0 == entry.bad }
        return first + addresses.filter { $0 != entry.good && $0 != entry.bad } + last
    }

    private mutating func change(_ name: LookUps.Name, _ body: (inout Entry) -> Void) {
        // Any other one: with so many names, none is special.
        if entries[name] == nil, entries.count >= Self.capacity, let other = entries.keys.first {
            entries[other] = nil
        }
        body(&entries[name, default: Entry()])
    }
}
