/// A run as a picture: the faults of each node, the outages that each client saw, and the rate of calls.
struct Timeline {
    private let report: Report

    private static let width = 1200.0
    private static let left = 90.0
    private static let row = 14.0
    private static let plot = 120.0
    private static let colours = [
        "kill": "#c0392b", "pause": "#8e44ad", "partition": "#e67e22", "refuse": "#d35400",
        "delay": "#f1c40f", "flush": "#ff6b81", "hang-up": "#16a085", "client stopped": "#2980b9",
        "client killed": "#7f8c8d", "client late": "#bdc3c7",
    ]

    init(_ report: Report) { self.report = report }

    /// The picture, as an SVG document (https://www.w3.org/TR/SVG2/).
    var svg: String {
        let rows = Double(report.nodes * (report.load.clients + 2) + report.load.clients)
        let height = 60 + rows * Self.row + Self.plot + 40
        var svg = """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(Int(Self.left + Self.width + 20))" \
            height="\(Int(height))" font-family="sans-serif" font-size="11">
            <rect width="100%" height="100%" fill="white"/>
            <text x="\(Self.left)" y="16" font-size="14">seed \(report.load.seed): \
            \(report.checker.faults.count) faults, \(report.violations.count) violations</text>

            """
        svg += legend
        var y = 50.0
        for node in 0..<report.nodes {
            svg += nodeRows(node, at: y)
            y += Double(report.load.clients + 2) * Self.row
        }
        for client in 0..<report.load.clients {
            svg += processRow(client, at: y)
            y += Self.row
        }
        return svg + calls(at: y) + axis(at: y + Self.plot) + "</svg>\n"
    }

    private var legend: String {
        let entries = Self.colours.sorted { $0.key < $1.key } + [("out for a client", "#2c3e50")]
        return entries.enumerated().map { index, entry in
            let x = Self.left + Double(index) * 105
            return """
                <rect x="\(x)" y="24" width="10" height="10" fill="\(entry.1)"/>\
                <text x="\(x + 14)" y="33">\(entry.0)</text>

                """
        }.joined()
    }

    private func nodeRows(_ node: Int, at y: Double) -> String {
        var svg = "<text x=\"4\" y=\"\(y + 10)\">node \(node)</text>\n"
        for fault in report.checker.faults where fault.server == node {
            svg += bar(
                fault.begin, fault.end, y: y, height: Self.row - 2, Self.colours[fault.kind.name] ?? "gray",
                "\(fault.kind)\(fault.client.map { ", client \($0)" } ?? "")")
        }
        for client in 0..<report.load.clients {
            let top = y + Double(client + 1) * Self.row
            svg += "<text x=\"24\" y=\"\(top + 8)\" fill=\"gray\" font-size=\"9\">client \(client)</text>\n"
            for history in report.histories where history.client == client {
                for outage in history.outages(of: node) {
                    let end = min(outage.upperBound, history.lastTime ?? outage.upperBound)
                    svg += bar(
                        outage.lowerBound, max(outage.lowerBound, end), y: top + 3, height: Self.row - 8,
                        "#2c3e50", "out for client \(client)")
                }
            }
        }
        return svg
    }

    /// The faults of a client's processes.
    private func processRow(_ client: Int, at y: Double) -> String {
        let faults = report.checker.faults.filter { $0.kind.isOfClient && $0.client == client }
        return faults.reduce("<text x=\"4\" y=\"\(y + 10)\">process \(client)</text>\n") { svg, fault in
            svg
                + bar(
                    fault.begin, fault.end, y: y, height: Self.row - 2,
                    Self.colours[fault.kind.name] ?? "gray",
                    "\(fault.kind), client \(client)")
        }
    }

    private func bar(
        _ begin: Int64, _ end: Int64, y: Double, height: Double, _ colour: String, _ title: String
    ) -> String {
        let (from, to) = (x(begin), x(end))
        return """
            <rect x="\(from)" y="\(y)" width="\(max(1, to - from))" height="\(height)" fill="\(colour)">\
            <title>\(title)</title></rect>

            """
    }

    /// How many calls began in each second, and how many of them failed.
    private func calls(at y: Double) -> String {
        let seconds = Int(report.duration / 1_000_000) + 1
        var counts = Array(repeating: (all: 0, failed: 0), count: seconds)
        for call in report.histories.lazy.flatMap(\.calls) {
            let second = Int((call.begin - report.checker.begin) / 1_000_000)
            guard counts.indices.contains(second) else { continue }
            counts[second].all += 1
            if call.failure != nil { counts[second].failed += 1 }
        }
        let most = Double(counts.map(\.all).max() ?? 1)
        func line(_ colour: String, _ count: ((all: Int, failed: Int)) -> Int) -> String {
            let points = counts.enumerated().map { second, pair in
                let time = report.checker.begin + Int64(second) * 1_000_000
                return "\(x(time)),\(y + Self.plot - Self.plot * Double(count(pair)) / max(1, most))"
            }
            return
                "<polyline fill=\"none\" stroke=\"\(colour)\" points=\"\(points.joined(separator: " "))\"/>\n"
        }
        return line("#27ae60") { $0.all } + line("#c0392b") { $0.failed }
            + "<text x=\"4\" y=\"\(y + 12)\" fill=\"#27ae60\">\(Int(most)) calls/s</text>"
            + "<text x=\"4\" y=\"\(y + 26)\" fill=\"#c0392b\">failed</text>\n"
    }

    private func axis(at y: Double) -> String {
        let seconds = Int(report.duration / 1_000_000)
        let step = max(5, seconds / 12 / 5 * 5)
        return stride(from: 0, through: seconds, by: step).map { second in
            let x = x(report.checker.begin + Int64(second) * 1_000_000)
            return "<line x1=\"\(x)\" y1=\"46\" x2=\"\(x)\" y2=\"\(y)\" stroke=\"#dddddd\"/>"
                + "<text x=\"\(x)\" y=\"\(y + 14)\">\(second) s</text>\n"
        }.joined()
    }

    private func x(_ time: Int64) -> Double {
        let part = Double(min(time, report.checker.begin + report.duration) - report.checker.begin)
        return Self.left + Self.width * max(0, part) / Double(max(1, report.duration))
    }
}
