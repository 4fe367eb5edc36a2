import SwiftDiagnostics
import SwiftSyntax

/// What the compiler says to who uses a macro wrongly: one sentence, in the compiler's manner.
struct Message: DiagnosticMessage, FixItMessage {
    let message: String

    var severity: DiagnosticSeverity { .error }
    var diagnosticID: MessageID { MessageID(domain: "CachesMacros", id: "Cached") }
    var fixItID: MessageID { diagnosticID }

    init(_ message: String) { self.message = message }
}

extension Diagnostic {
    /// An error at a node, or at a place within it.
    ///
    /// Compilers up to Swift 6.3 look only at the node, and point at its beginning.
    init(
        _ message: String, at node: some SyntaxProtocol, _ position: AbsolutePosition? = nil,
        fixIts: [FixIt] = []
    ) {
        self.init(node: Syntax(node), position: position, message: Message(message), fixIts: fixIts)
    }
}

extension DiagnosticsError {
    /// An error at a node, or at a place within it, for which there is no expansion.
    init(_ message: String, at node: some SyntaxProtocol, _ position: AbsolutePosition? = nil) {
        self.init(diagnostics: [Diagnostic(message, at: node, position)])
    }
}
