import Dispatch
import Testing

@testable import CachesTransport

/// One look-up of a name, for all callers that want it.
@Suite struct LookUpsTests {
    private typealias Answer = Result<[Address], CachesError>

    private func address(_ text: String) throws -> Address {
        try #require(try Resolver.literalAddresses(of: .tcp(host: text, port: 1))?.first)
    }

    @Test("Callers that come while a name is looked up get the same answer, and later ones another")
    func joins() async throws {
        let lookUps = LookUps()
        let name = LookUps.Name(host: "cache.test", port: 1)
        let (one, two, three) = (
            try address("127.0.0.1"), try address("127.0.0.2"), try address("127.0.0.3")
        )
        let begun = DispatchSemaphore(value: 0)
        let (answers, continuation) = AsyncStream.makeStream(of: Answer.self)
        var iterator = answers.makeAsyncIterator()

        lookUps.join(name) {
            continuation.yield($0)
        } lookUp: {
            begun.wait()
            return [one]
        }
        lookUps.join(name) {
            continuation.yield($0)
        } lookUp: {
            [two]
        }
        lookUps.join(LookUps.Name(host: "cache.test", port: 2)) {
            continuation.yield($0)
        } lookUp: {
            [three]
        }
        #expect(try await iterator.next()?.get() == [three])
        begun.signal()
        for _ in 1...2 { #expect(try await iterator.next()?.get() == [one]) }

        lookUps.join(name) {
            continuation.yield($0)
        } lookUp: { () throws(CachesError) in
            throw CachesError(.unreachable, "The name is not known.")
        }
        let error = await #expect(throws: CachesError.self) { _ = try await iterator.next()?.get() }
        #expect(error?.code == .unreachable)
    }
}
