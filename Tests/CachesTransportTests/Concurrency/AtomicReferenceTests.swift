import Synchronization
import Testing

@testable import CachesTransport

@Suite("References that are read without a lock") struct AtomicReferenceTests {
    /// Knows whether it still exists, and how many others do.
    private final class Witness: Sendable {
        let number: Int
        private let alive: Atomic<Bool>
        private let population: Population

        init(_ number: Int, of population: Population) {
            self.number = number
            self.population = population
            alive = Atomic(true)
            population.count.add(1, ordering: .relaxed)
        }

        deinit {
            alive.store(false, ordering: .relaxed)
            population.count.subtract(1, ordering: .relaxed)
        }

        var isAlive: Bool { alive.load(ordering: .relaxed) }
    }

    private final class Population: Sendable {
        let count = Atomic(0)
        var size: Int { count.load(ordering: .relaxed) }
    }

    private final class Race: Sendable {
        let isOver = Atomic(false)
        /// The number of impossible observations.
        let ghosts = Atomic(0)
    }

    @Test("A reader gets the value that was published last, or nil")
    func latest() {
        let population = Population()
        let published = AtomicReference<Witness>(nil)
        #expect(published.read { $0.number } == nil)
        for number in 0..<3 {
            published.replace(with: Witness(number, of: population))
            #expect(published.read { $0.number } == number)
        }
        published.replace(with: nil)
        #expect(published.read { $0.number } == nil)
        #expect(published.reads == 5)
    }

    @Test("A replaced value is released at once if no reader has it, and the last with the rest")
    func released() {
        let population = Population()
        do {
            let published = AtomicReference(Witness(0, of: population))
            for number in 1...100 {
                published.replace(with: Witness(number, of: population))
                #expect(population.size == 1)
                #expect(published.retiredCount == 0)
            }
        }
        #expect(population.size == 0)
    }

    @Test("A value that is still being read stays, and goes with the next replacement after that")
    func kept() {
        let population = Population()
        let published = AtomicReference(Witness(0, of: population))
        let number = published.read { witness in
            published.replace(with: Witness(1, of: population))
            published.replace(with: nil)
            #expect(witness.isAlive)
            #expect(population.size == 2)
            #expect(published.retiredCount == 2)
            // A reader that comes now gets the new one.
            #expect(published.read { $0.number } == nil)
            return witness.number
        }
        #expect(number == 0)
        published.replace(with: Witness(2, of: population))
        #expect(population.size == 1)
        #expect(published.retiredCount == 0)
    }

    @Test("Any thread has a stripe, and threads that lie in a row have several")
    func stripes() {
        var taken = Set<Int>()
        for number: UInt in 0..<64 {
            let stripe = AtomicReference<Witness>.stripe(of: 0x7F12_3456_7000 + number << 23)
            #expect((0..<16).contains(stripe))
            taken.insert(stripe)
        }
        #expect(taken.count == 16)
        for thread in [0, 1, UInt.max] {
            #expect((0..<16).contains(AtomicReference<Witness>.stripe(of: thread)))
        }
    }

    @Test("No reader ever sees a released value, however often it is replaced meanwhile")
    func raced() async {
        let population = Population()
        let published = AtomicReference(Witness(0, of: population))
        let race = Race()
        await withTaskGroup { group in
            for _ in 0..<3 {
                group.addTask {
                    var last = 0
                    while !race.isOver.load(ordering: .relaxed) {
                        for _ in 0..<1000 {
                            let number = published.read { witness in
                                if !witness.isAlive { race.ghosts.add(1, ordering: .relaxed) }
                                return witness.number
                            }
                            // They come in the order in which they were published.
                            if let number, number < last { race.ghosts.add(1, ordering: .relaxed) }
                            last = number ?? last
                        }
                        await Task.yield()
                    }
                }
            }
            for number in 1...20_000 {
                published.replace(with: Witness(number, of: population))
                if number % 100 == 0 { await Task.yield() }
            }
            race.isOver.store(true, ordering: .relaxed)
        }
        #expect(race.ghosts.load(ordering: .relaxed) == 0)
        published.replace(with: nil)
        #expect(published.retiredCount == 0)
        #expect(population.size == 0)
    }
}
