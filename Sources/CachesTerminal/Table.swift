import CachesTransport

/// Rows of aligned columns under a line of titles.
public struct Table: Sendable {
    /// A column: its title, and the layout of its texts.
    public struct Column: Sendable {
        public var title: String
        public var alignment = Alignment.left
        /// The width the column may be cut to when the table is too wide; nil: never cut.
        public var minimumWidth: Int?
        public var truncation = Truncation.end

        public init(
            _ title: String, _ alignment: Alignment = .left, minimumWidth: Int? = nil,
            truncation: Truncation = .end
        ) {
            self.title = title
            self.alignment = alignment
            self.minimumWidth = minimumWidth
            self.truncation = truncation
        }
    }

    /// One text of a row.
    public struct Cell: ExpressibleByStringInterpolation, Sendable {
        public var text: String
        public var tint = Tint.plain

        public init(_ text: String, _ tint: Tint = .plain) {
            self.text = text.printable
            self.tint = tint
        }

        public init(stringLiteral text: String) { self.init(text) }
    }

    private let columns: [Column]
    private var rows: [[Cell]] = []

    private static let gap = "  "

    /// An empty table.
    public init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row, one cell a column.
    public mutating func append(_ row: [Cell]) {
        precondition(row.count == columns.count, "a row has one cell a column")
        rows.append(row)
    }

    /// The table's lines, the titles first, none wider than `width` where the columns allow it.
    /// `width` nil means as wide as need be.
    public func lines(_ style: Style, width: Int? = nil) -> [String] {
        let widths = widths(within: width)
        let titles = columns.map { Cell($0.title, .quiet) }
        return ([titles] + rows).map { line($0, widths, style) }
    }

    private func widths(within limit: Int?) -> [Int] {
        var widths = columns.indices.map { column in
            rows.reduce(columns[column].title.displayWidth) { max($0, $1[column].text.displayWidth) }
        }
        guard let limit else { return widths }
        var excess = widths.reduce(Self.gap.count * (columns.count - 1), +) - limit
        // One column at a time off whichever is widest, so that no text is cut much while another has room.
        while excess > 0, let widest = widestThatShrinks(widths) {
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    private func widestThatShrinks(_ widths: [Int]) -> Int? {
        columns.indices
            .filter { column in columns[column].minimumWidth.map { widths[column] > $0 } ?? false }
            .max { widths[$0] < widths[$1] }
    }

    private func line(_ row: [Cell], _ widths: [Int], _ style: Style) -> String {
        let cells = zip(zip(row, columns), widths).map { pair, width in
            let (cell, column) = pair
            let text = cell.text.truncated(to: width, column.truncation)
            return (text: text, padded: text.padded(to: width, column.alignment), tint: cell.tint)
        }
        // No blanks at the end of a line: they wrap in a narrow terminal and show in a diff.
        let last = cells.lastIndex { !$0.text.isEmpty } ?? 0
        return cells.prefix(last + 1).enumerated().map { index, cell in
            let isLeftAtEnd = index == last && columns[index].alignment == .left
            return style(isLeftAtEnd ? cell.text : cell.padded, cell.tint)
        }.joined(separator: Self.gap)
    }
}
