import ArgumentParser
import Caches
import CachesTerminal
import CachesTransport

/// The servers and consoles that a command on keys works with.
struct KeySession: Sendable {
    let pool: CachePool
    let connection: ConnectionName
    let output: Console
    let errors: Console

    /// A key as a cache of bytes that are stored as they are. If the server is down, the user of the tool
    /// wants to know that, rather than see the value of a stand-in.
    func cache(_ key: String) -> Cache<[UInt8]> {
        Cache<[UInt8]>(key: CacheKey(prefix: key), connection: connection, outagePolicy: .fail, on: pool)
    }

    /// Writes bytes to standard output as they are.
    func write(_ bytes: some Collection<UInt8>) throws { try writeAll(bytes) }

    /// Writes a line to standard output. A program that reads it may close it at any time.
    func write(line: String) throws { try write(Array((line + "\n").utf8)) }

    /// Prints an error about a key or a node on standard error.
    func complain(_ text: String) { errors.line(errors.style("error: ", .bad) + text.printable) }

    /// Prints that a key doesn't exist.
    func complain(missing key: String) { complain("There is nothing at the key \(key).") }

    /// Hints, after missing keys, that they may be on the servers of another connection name.
    func hintAtConnection() {
        let hasOthers = (try? pool.members(connection: .sharded).count > 1) ?? false
        guard connection == .sharded, hasOthers else { return }
        errors.line("A class may keep its keys on one server or group by its name: --on looks there.")
    }

    /// Carries out an operation on each key, with one round trip for all keys of a node.
    ///
    /// - Parameter operation: Adds the operation on one key to the batch.
    /// - Returns: The result for each key, in order; nil for an error. Each error has been printed, but only
    ///   once: a node that is down fails all of its keys alike.
    func forEach<Output: Sendable>(
        _ keys: [String], _ operation: (inout Batch, Cache<[UInt8]>) -> BatchResult<Output>
    ) async throws -> [Output?] {
        var batched: [BatchResult<Output>] = []
        do {
            try await pool.batch { batch in
                for key in keys { batched.append(operation(&batch, cache(key))) }
            }
        } catch is CachesError {
            // Each key has its own result.
        }
        var told: Set<String> = []
        return batched.map { batched in
            switch batched.result {
            case .success(let output): return output
            case .failure(let error):
                let text = "\(error)"
                if told.insert(text).inserted { complain(text) }
                return nil
            }
        }
    }
}
