import Caches
import CachesTerminal
import CachesTransport

extension StoredValue {
    /// The value for people: its type, and its elements as a table. A string is its own text.
    ///
    /// - Parameter width: How wide lines may be; nil for no limit.
    func lines(of key: String, _ style: Style, width: Int?) -> [String] {
        var table: Table
        let kind: String
        switch content {
        case .string(let bytes): return [bytes.text.printableLines]
        case .list(let elements):
            kind = "list of \(Figures.count(count, "element"))"
            table = Table([.init("index", .right), .init("element", minimumWidth: 8)])
            for (index, element) in elements.enumerated() { table.append(["\(index)", .init(element.text)]) }
        case .set(let elements):
            kind = "set of \(Figures.count(count, "element"))"
            table = Table([.init("element", minimumWidth: 8)])
            for element in elements { table.append([.init(element.text)]) }
        case .hash(let items):
            kind = "hash of \(Figures.count(count, "field"))"
            table = Table([.init("field", minimumWidth: 8), .init("value", minimumWidth: 8)])
            for (field, value) in items { table.append([.init(field.text), .init(value.text)]) }
        case .sortedSet(let items):
            kind = "sorted set of \(Figures.count(count, "element"))"
            table = Table([.init("score", .right), .init("element", minimumWidth: 8)])
            for (element, score) in items { table.append([.init(score), .init(element.text)]) }
        }
        return [style(key.printable, .strong) + style(": \(kind)", .quiet)] + table.lines(style, width: width)
    }
}

extension Bytes {
    /// The bytes as text, with U+FFFD for bytes that are not UTF-8.
    var text: String { String(decoding: self, as: UTF8.self) }
}
