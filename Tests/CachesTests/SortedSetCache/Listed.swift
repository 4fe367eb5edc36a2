/// Items as a test compares and prints them: tuples are not `Equatable`.
func listed<Element>(_ items: some Sequence<(score: Double, element: Element)>) -> [String] {
    items.map { listed($0) }
}

func listed<Element>(_ item: (score: Double, element: Element)) -> String { "\(item.element) \(item.score)" }

extension AsyncSequence {
    /// All remaining items.
    func collected() async throws -> [Element] {
        var all: [Element] = []
        for try await element in self { all.append(element) }
        return all
    }
}
