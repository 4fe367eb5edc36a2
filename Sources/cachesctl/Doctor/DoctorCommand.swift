import ArgumentParser
import CachesCluster
import CachesTerminal

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `cachesctl doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Examines every configured server: is it set up as this pool needs it?",
        discussion: """
            It shows for each server: whether it can be reached, and if not why; its certificates and how long \
            they are valid; protocol and cipher; the ACL user and whether it may run the library's commands; \
            memory limit, eviction, persistence; its clock; round trips; and connections of other programs whose \
            fingerprint says that they place keys differently. Nothing is written, and no command of the library \
            is carried out: it checks the user's permissions by ACL DRYRUN, or otherwise by a transaction that is \
            aborted.

            The exit code is 0 if no server fails, warnings or not; with --strict a warning counts as a failure. \
            It is 1 if a server fails: it can't be reached, it is a read-only replica, or the user may not run the \
            commands that every program needs. It is 64 if the configuration is wrong.

            \(HelpText.environment)

            EXAMPLES:
              CACHES_DSN=rediss://cache.example cachesctl doctor
              cachesctl doctor --key user.42     also whether the user may use such a key
              cachesctl doctor --json | jq -r '.nodes[].findings[] | .message'
            """)

    @Flag(help: "Print one JSON object; its keys stay as they are between releases.")
    var json = false

    @Flag(help: "Exit with code 1 also if there are only warnings.")
    var strict = false

    @Option(name: .customLong("key"), help: "A key that the user must be able to use; may be repeated.")
    var keys: [String] = []

    @OptionGroup var output: OutputOptions

    func validate() throws { try KeyArguments.check(keys) }

    func run() async throws {
        let used = try await EnvironmentPool(output)
        let (console, pool) = (used.console, used.pool)
        let report = try await DoctorReport(
            pool.nodes, placement: used.configuration.placement, fingerprint: pool.fingerprint, keys: keys)
        await pool.close()
        if json {
            console.line(try JSONText.pretty(report))
        } else {
            report.lines(console.style).forEach { console.line($0) }
        }
        let worst = report.nodes.compactMap(\.worst).max()
        guard worst.map({ $0 < (strict ? .warning : .failure) }) ?? true else { throw Failure.negative }
    }
}
