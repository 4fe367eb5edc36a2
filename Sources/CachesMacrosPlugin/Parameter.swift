import SwiftDiagnostics
import SwiftParser
import SwiftSyntax

/// A parameter of a cached function.
struct Parameter {
    let syntax: FunctionParameterSyntax

    /// The name that it has in the body, without backticks; nil if it has none.
    var name: String? {
        let name = syntax.secondName ?? syntax.firstName
        return name.tokenKind == .wildcard ? nil : name.text.filter { $0 != "`" }
    }

    /// The name as an expression, in backticks where it needs them; nil if it has none.
    var reference: String? {
        name.map { $0.isValidSwiftIdentifier(for: .variableName) ? $0 : "`\($0)`" }
    }

    /// Whether it says where the function runs, and not what it returns.
    var isIsolated: Bool { specifiers.contains(.isolated) }

    var isVariadic: Bool { syntax.ellipsis != nil }

    /// Why the function can't be cached.
    var fault: Diagnostic? {
        guard let specifier = specifiers.first(where: Parameter.forbidden.contains) else { return nil }
        return Diagnostic(
            "a cached function can't have a parameter that is '\(TokenSyntax.keyword(specifier).text)'",
            at: syntax)
    }

    /// What closures, and a body becomes one, can't capture.
    private static let forbidden: [Keyword] = [.inout, .borrowing, .consuming, .__owned, .__shared]

    private var specifiers: [Keyword] {
        guard let type = syntax.type.as(AttributedTypeSyntax.self) else { return [] }
        return type.specifiers.compactMap { specifier in
            guard case .simpleTypeSpecifier(let simple) = specifier,
                case .keyword(let keyword) = simple.specifier.tokenKind
            else { return nil }
            return keyword
        }
    }
}
