import ArgumentParser
import Caches
import CachesTerminal
import CachesTransport

/// What a command on keys works with: the servers, and where it prints.
struct KeySession: Sendable {
    let pool: CachePool
    let connection: ConnectionName
    let output: Console
    let errors: Console

    /// A key as a cache of bytes that are stored as they are. Who looks by hand wants to know of a server that is
    /// down, not what another has in its stead.
    func cache(_ key: String) -> Cache<[UInt8]> {
        Cache<[UInt8]>(key: CacheKey(prefix: key), connection: connection, outagePolicy: .fail, on: pool)
    }

    /// Writes bytes to standard output as they are.
    func write(_ bytes: some Collection<UInt8>) throws { try writeAll(bytes) }

    /// Writes a line to standard output for a program, which may have heard enough.
    func write(line: String) throws { try write(Array((line + "\n").utf8)) }

    /// Says on standard error what is wrong with a key or a node.
    func complain(_ text: String) { errors.line(errors.style("error: ", .bad) + text.printable) }

    /// Says that there is nothing at a key.
    func complain(missing key: String) { complain("There is nothing at the key \(key).") }

    /// Says, after keys that are not there, that another name may stand for the servers that have them.
    func hintAtConnection() {
        let hasOthers = (try? pool.members(connection: .sharded).count > 1) ?? false
        guard connection == .sharded, hasOthers else { return }
        errors.line("A class may keep its keys on one server or group by its name: --on looks there.")
    }

    /// Does something with each key, all keys of a node in one round trip.
    ///
    /// - Parameter operation: Adds to the batch what is to be done with one key.
    /// - Returns: What came of each, in order. Each error has been told, once: a node that is down fails all of
    ///   its keys alike.
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
