import CachesTesting
import CachesTransport
import Logging
import Testing

@testable import CachesCluster

/// The watch over all other tests has to find a leaked secret.
@Suite struct SecretWatchTests {
    @Test("An error and a line of a log that hold a secret are found")
    func found() async {
        await #expect(processExitsWith: .success) {
            SecretWatch.begin()
            let secret = Secret("planted-1")
            _ = Secret("short")
            _ = CachesError(.tls, "short planted")
            precondition(SecretWatch.found.isEmpty)
            secret.reveal { text in
                _ = CachesError(.tls, "It is \(text).")
                _ = CachesError(.tls, "No.", underlying: CachesError(.tls, "See above.", advice: text))
                LogRecorder().logger.info("line", metadata: ["error": "\(text)"])
            }
            precondition(SecretWatch.found.count == 4)
        }
    }
}
