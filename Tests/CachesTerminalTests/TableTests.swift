import Testing

@testable import CachesTerminal

struct TableTests {
    private func table() -> Table {
        var table = Table([
            .init("name"), .init("address", minimumWidth: 7, truncation: .middle), .init("db", .right),
            .init("state"),
        ])
        table.append(["a", "127.0.0.1:6379", "0", .init("up", .good)])
        table.append(["日本", "/var/run/redis/redis.sock", "12", .init("down", .bad)])
        return table
    }

    @Test("Columns are as wide as their widest text, and no line ends in blanks")
    func aligned() {
        #expect(
            table().lines(.plain) == [
                "name  address                    db  state",
                "a     127.0.0.1:6379              0  up",
                "日本  /var/run/redis/redis.sock  12  down",
            ])
    }

    @Test("A narrow terminal takes from the columns that allow it")
    func narrow() {
        #expect(
            table().lines(.plain, width: 30) == [
                "name  address        db  state",
                "a     127.0.…1:6379   0  up",
                "日本  /var/r…s.sock  12  down",
            ])
    }

    @Test("A table that can't be narrow enough keeps its minimum widths")
    func tooNarrow() {
        let lines = table().lines(.plain, width: 5)
        #expect(lines[1] == "a     127…379   0  up")
    }

    @Test("Colour changes no alignment")
    func colored() {
        let lines = table().lines(Style(isColored: true))
        #expect(lines[1] == "a     127.0.0.1:6379              0  \u{1B}[32mup\u{1B}[0m")
    }

    @Test("An empty cell at the end leaves no blanks behind")
    func emptyCell() {
        var table = Table([.init("a"), .init("b")])
        table.append(["x", ""])
        #expect(table.lines(.plain) == ["a  b", "x"])
    }
}
