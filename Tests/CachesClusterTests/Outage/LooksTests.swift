import Testing

@testable import CachesCluster

@Suite struct LooksTests {
    @Test("A node without notes is closed, with its mark")
    func nothing() {
        var looks = Looks(at: ["a", "b"])
        #expect(looks.step("a") == .look)
        looks.looked(at: "a", .nothing(mark: "m"))
        #expect(looks.step("a") == nil)
        #expect(!looks.isDone)
        looks.looked(at: "b", .forbidden)
        #expect(looks.isDone)
        #expect(looks.marks == ["a": "m"])
        #expect(looks.unread.isEmpty)
    }

    @Test("Notes are dealt with, and the node is looked at again, as often as there are some")
    func notes() {
        var looks = Looks(at: ["a"])
        for _ in 0..<3 {
            looks.looked(at: "a", .notes)
            #expect(looks.step("a") == .see)
            // The node is looked at after its notes have been dealt with, and not before.
            looks.looked(at: "a", .nothing(mark: "m"))
            #expect(looks.step("a") == .see)
            looks.sawTo("a")
            #expect(looks.step("a") == .look)
        }
        looks.looked(at: "a", .nothing(mark: "m"))
        #expect(looks.isDone)
    }

    @Test("A node that does not answer is unread, at a look or while its notes are dealt with")
    func silence() {
        var looks = Looks(at: ["a", "b", "c"])
        looks.looked(at: "a", .silence)
        looks.looked(at: "b", .notes)
        looks.fellSilent("b")
        looks.looked(at: "c", .notes)
        looks.leave("c")
        #expect(looks.isDone)
        #expect(looks.unread == ["a": .silent, "b": .silent, "c": .unfinished])
        // Later news changes nothing.
        looks.looked(at: "a", .nothing(mark: "m"))
        looks.sawTo("b")
        looks.fellSilent("c")
        #expect(looks.unread == ["a": .silent, "b": .silent, "c": .unfinished])
    }

    @Test("When the time is over, a node that has not answered is silent, and one that has is unfinished")
    func givenUp() {
        var looks = Looks(at: ["a", "b", "c", "d"])
        looks.looked(at: "b", .notes)
        looks.looked(at: "c", .notes)
        looks.sawTo("c")
        looks.looked(at: "d", .nothing(mark: "m"))
        looks.giveUp()
        #expect(looks.unread == ["a": .silent, "b": .unfinished, "c": .unfinished])
        #expect(looks.marks == ["d": "m"])
    }
}
