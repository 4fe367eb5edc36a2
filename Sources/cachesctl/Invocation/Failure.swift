import ArgumentParser
import CachesTerminal
import CachesTransport

/// How a command reports a failure: the reason on standard error, the kind as the exit code.
enum Failure {
    /// The work was done and the answer is no: a server is down, a value was wrong.
    static let negative = ExitCode(1)

    /// The work could not begin: the environment or the arguments are wrong. Also the code for a wrong
    /// option.
    static let usage = ExitCode.validationFailure

    /// The code that a shell gives for a process that the signal ended.
    static func signal(_ number: Int32) -> ExitCode { ExitCode(128 + number) }

    /// Prints `error` on `console` and returns its exit code.
    static func report(_ error: any Error, on console: Console) -> ExitCode {
        guard let error = error as? CachesError else {
            console.line(console.style("error: ", .bad) + "\(error)".printable)
            return negative
        }
        console.line(console.style("error: ", .bad) + error.text)
        return [.configuration, .invalidArgument].contains(error.code) ? usage : negative
    }
}

extension CachesError {
    /// The error as one line that is safe to show.
    var text: String { description.printable }
}
