import CachesTerminal
import CachesTransport
import Synchronization

/// Prints the acts' headings, findings and progress bars on a console.
final class Stage: Sendable {
    private let console: Console
    private let act = Atomic(0)

    private static let indent = "   "

    /// A stage that is drawn on `console`.
    init(_ console: Console) { self.console = console }

    /// Opens the next act.
    func begin(_ title: String, _ subtitle: String = "") {
        let number = act.add(1, ordering: .relaxed).newValue
        console.line()
        console.line(
            console.style("\(number)", .accent) + "  " + console.style(title, .strong)
                + (subtitle.isEmpty ? "" : "  " + console.style(subtitle, .quiet)))
    }

    /// Reports a finding, good or bad.
    func report(_ text: String, isGood: Bool = true) {
        tell(isGood ? "✓ " : "✗ ", isGood ? .good : .bad, text)
    }

    /// Adds a remark to the last finding.
    func remark(_ text: String) { tell("  ", .plain, text, .quiet) }

    /// Prints lines as they are, such as those of a chart. `draw` gets the style and the width that is left.
    func draw(_ draw: (_ style: Style, _ width: Int) -> [String]) {
        draw(console.style, console.width - Self.indent.count).forEach { console.line(Self.indent + $0) }
    }

    /// A progress bar for `total` steps.
    func progress(_ total: Int) -> Progress {
        Progress(total: total) { [console] bar, done in
            let text = bar.update(
                done: done, at: .now, console.style, width: console.width - 2 * Self.indent.count)
            if let text { console.transient(Self.indent + text) }
        }
    }

    private func tell(_ mark: String, _ markTint: Tint, _ text: String, _ tint: Tint = .plain) {
        let lines = text.printable.wrapped(to: console.width - Self.indent.count - mark.count)
        for (index, line) in lines.enumerated() {
            let lead = index == 0 ? console.style(mark, markTint) : "  "
            console.line(Self.indent + lead + console.style(line, tint))
        }
    }
}

/// Steps that many tasks do together.
final class Progress: Sendable {
    private let done = Atomic(0)
    private let bar: Mutex<ProgressBar>
    private let draw: @Sendable (inout ProgressBar, _ done: Int) -> Void

    init(total: Int, draw: @escaping @Sendable (inout ProgressBar, _ done: Int) -> Void) {
        bar = Mutex(ProgressBar(total: total, at: .now))
        self.draw = draw
    }

    /// Counts one more step as done. Returns how many are done.
    @discardableResult
    func advance() -> Int {
        let done = done.add(1, ordering: .relaxed).newValue
        // The clock is not read at every step: at 100 000 steps a second that would show.
        if done.isMultiple(of: 64) { bar.withLock { draw(&$0, done) } }
        return done
    }
}
