import CachesPlatform
import CachesTransport

/// A chart of horizontal bars as an SVG image: a group of bars a label, one for each series.
public struct SVGBarChart {
    /// The series of one colour.
    public struct Series: Sendable {
        public var name: String
        /// A value a label, 0 or more; nil for none.
        public var values: [Double?]

        /// A colour's name and its values.
        public init(name: String, values: [Double?]) {
            self.name = name
            self.values = values
        }
    }

    public var title: String
    public var subtitle: String
    public var labels: [String]
    public var series: [Series]

    /// How a value is written. Default: as a part of the whole.
    public var written: (Double) -> String = { Figures.share(Int(($0 * 1e6).rounded()), of: 1_000_000) }

    /// A chart of one group of bars a label.
    public init(
        title: String, subtitle: String, labels: [String], series: [Series],
        written: ((Double) -> String)? = nil
    ) {
        if let written { self.written = written }
        self.title = title
        self.subtitle = subtitle
        self.labels = labels
        self.series = series
    }

    private static let colors = ["#2563a8", "#e07b1a", "#4f9a4a"]
    private static let (width, margin, labelWidth, valueWidth) = (760.0, 24.0, 180.0, 64.0)
    private static let (barHeight, barGap, groupGap) = (18.0, 2.0, 12.0)

    /// The image.
    public var text: String {
        let groupHeight = Double(series.count) * (Self.barHeight + Self.barGap) + Self.groupGap
        let top = series.count > 1 ? 108.0 : 84.0
        let height = top + Double(labels.count) * groupHeight + Self.margin
        let greatest = max(series.flatMap(\.values).compactMap(\.self).max() ?? 0, 1e-9)
        let scale = (Self.width - 2 * Self.margin - Self.labelWidth - Self.valueWidth) / greatest
        let left = Self.margin + Self.labelWidth

        var elements = [
            Self.text(title, x: Self.margin, y: 38, size: 20, fill: "#1a1a1a", weight: "600"),
            Self.text(subtitle, x: Self.margin, y: 62, size: 13, fill: "#5f6368"),
        ]
        if series.count > 1 {
            var x = Self.margin
            for (index, series) in series.enumerated() {
                elements.append(
                    Self.bar(x: x, y: 78, width: 12, height: 12, Self.colors[index % Self.colors.count]))
                elements.append(Self.text(series.name, x: x + 18, y: 89, size: 13, fill: "#1a1a1a"))
                x += 18 + 8 * Double(series.name.count) + 24
            }
        }
        for (row, label) in labels.enumerated() {
            let y = top + Double(row) * groupHeight
            let middle = y + (groupHeight - Self.groupGap) / 2 + 4
            elements.append(
                Self.text(
                    label.printable.truncated(to: 24, .middle), x: left - 10, y: middle, size: 13,
                    fill: "#1a1a1a", anchor: "end"))
            for (index, series) in series.enumerated() {
                guard let value = series.values[row] else { continue }
                let y = y + Double(index) * (Self.barHeight + Self.barGap)
                elements.append(
                    Self.bar(
                        x: left, y: y, width: max(1, value * scale), height: Self.barHeight,
                        Self.colors[index % Self.colors.count]))
                elements.append(
                    Self.text(
                        written(value), x: left + value * scale + 8, y: y + Self.barHeight - 5, size: 12,
                        fill: "#5f6368"))
            }
        }
        let size = "\(Self.number(Self.width)) \(Self.number(height))"
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size)" width="\(Self.number(Self.width))" \
            height="\(Self.number(height))" font-family="Helvetica, Arial, sans-serif" role="img">
            <rect width="100%" height="100%" fill="#ffffff"/>
            \(elements.joined(separator: "\n"))
            </svg>

            """
    }

    /// Writes the image to a file, and replaces an existing one.
    public func write(to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw UnwritableFile(path: path, number: errno) }
        defer { close(descriptor) }
        try writeAll(text.utf8, to: descriptor)
    }

    private static func bar(x: Double, y: Double, width: Double, height: Double, _ color: String) -> String {
        "<rect x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" height=\"\(number(height))\" "
            + "rx=\"2\" fill=\"\(color)\"/>"
    }

    private static func text(
        _ text: String, x: Double, y: Double, size: Int, fill: String, weight: String = "400",
        anchor: String = "start"
    ) -> String {
        "<text x=\"\(number(x))\" y=\"\(number(y))\" font-size=\"\(size)\" font-weight=\"\(weight)\" "
            + "text-anchor=\"\(anchor)\" fill=\"\(fill)\">\(escaped(text))</text>"
    }

    /// A coordinate to a tenth.
    private static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths.isMultiple(of: 10) ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }

    /// The text as the content of an element (XML 1.0, section 2.4).
    public static func escaped(_ text: String) -> String {
        String(
            text.printable.flatMap { character -> String in
                switch character {
                case "&": "&amp;"
                case "<": "&lt;"
                case ">": "&gt;"
                default: String(character)
                }
            })
    }
}

/// A file can't be written.
public struct UnwritableFile: Error, CustomStringConvertible {
    public let path: String
    public let number: CInt
    public var description: String {
        "\(path.printable) can't be written: \(String(cString: strerror(number)))."
    }
}
