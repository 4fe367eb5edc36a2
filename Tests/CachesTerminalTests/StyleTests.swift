import Testing

@testable import CachesTerminal

struct StyleTests {
    struct Case: CustomTestStringConvertible {
        var choice: ColorChoice
        var isTerminal: Bool
        var environment: [String: String]
        var isColored: Bool
        var testDescription: String { "\(choice), terminal \(isTerminal), \(environment)" }
    }

    @Test(
        "Colour is for terminals that take it and people who want it",
        arguments: [
            Case(choice: .auto, isTerminal: true, environment: ["TERM": "xterm"], isColored: true),
            Case(choice: .auto, isTerminal: true, environment: [:], isColored: true),
            Case(choice: .auto, isTerminal: false, environment: ["TERM": "xterm"], isColored: false),
            Case(choice: .auto, isTerminal: true, environment: ["TERM": "dumb"], isColored: false),
            Case(choice: .auto, isTerminal: true, environment: ["NO_COLOR": "1"], isColored: false),
            Case(choice: .auto, isTerminal: true, environment: ["NO_COLOR": ""], isColored: true),
            Case(choice: .always, isTerminal: false, environment: ["NO_COLOR": "1"], isColored: true),
            Case(choice: .never, isTerminal: true, environment: [:], isColored: false),
        ])
    func choice(_ example: Case) {
        let style = Style(
            example.choice, isTerminal: example.isTerminal, environment: example.environment)
        #expect(style.isColored == example.isColored)
    }

    @Test("A tint is an escape sequence round the text, and empty round an empty text")
    func tint() {
        let style = Style(isColored: true)
        #expect(style("up", .good) == "\u{1B}[32mup\u{1B}[0m")
        #expect(style("up", .plain) == "up")
        #expect(style("", .good) == "")
        #expect(Style.plain("up", .good) == "up")
    }
}
