import Testing

@testable import CachesTerminal

struct ProgressBarTests {
    private let start = ContinuousClock.now

    @Test("A bar is drawn at most ten times a second, and always at the end")
    func throttled() {
        var bar = ProgressBar(total: 100, at: start)
        func draw(_ done: Int, _ milliseconds: Int) -> Bool {
            bar.update(done: done, at: start + .milliseconds(milliseconds), .plain, width: 40) != nil
        }
        #expect(draw(1, 0))
        #expect(!draw(2, 50))
        #expect(!draw(3, 99))
        #expect(draw(4, 100))
        #expect(!draw(5, 150))
        #expect(draw(100, 151))
    }

    @Test("It fills exactly the width, from nothing to everything", arguments: [0, 1, 37, 99, 100])
    func width(done: Int) throws {
        var bar = ProgressBar(total: 100, at: start)
        let drawn = bar.update(done: done, at: start + .seconds(1), .plain, width: 50)
        let text = try #require(drawn)
        #expect(text.displayWidth == 50)
        #expect(text.contains("\(done) %"))
    }

    @Test("Nothing to do is done")
    func empty() throws {
        var bar = ProgressBar(total: 0, at: start)
        let drawn = bar.update(done: 0, at: start, .plain, width: 40)
        #expect(try #require(drawn).contains("100 %"))
    }
}
