import SwiftDiagnostics
import SwiftSyntax

/// What was written in the parentheses of `@Cached`.
struct CachedOptions {
    /// The class: `UserCache`.
    let cacheClass: ExprSyntax

    /// The template of the key; nil if there is none.
    let template: StringLiteralExprSyntax?

    /// The arguments of the class's initialiser that come after the key's parts.
    let cacheArguments: [String]

    /// The arguments of `fetch`, in parentheses; empty if there are none.
    let fetchArguments: String

    /// - Throws: `DiagnosticsError` if an argument has to be spelled otherwise.
    init(_ attribute: AttributeSyntax) throws {
        var cacheClass: ExprSyntax?
        var template: StringLiteralExprSyntax?
        var (cacheArguments, fetchArguments): ([String], [String]) = ([], [])
        for argument in attribute.arguments?.as(LabeledExprListSyntax.self) ?? [] {
            let value = argument.expression
            switch argument.label?.text {
            case nil: cacheClass = try CachedOptions.type(of: value)
            case _ where value.is(NilLiteralExprSyntax.self): break
            case "key": template = try CachedOptions.literal(value)
            case "unless": fetchArguments.append("unless: \(value.trimmed)")
            case let label?: cacheArguments.append("\(label): \(value.trimmed)")
            }
        }
        guard let cacheClass else {
            let message = "'@Cached' needs the class of the cache: '@Cached(UserCache.self)'"
            throw DiagnosticsError(message, at: attribute)
        }
        self.cacheClass = cacheClass
        self.template = template
        self.cacheArguments = cacheArguments
        self.fetchArguments = fetchArguments.isEmpty ? "" : "(\(fetchArguments.joined(separator: ", ")))"
    }

    /// `UserCache` of `UserCache.self`.
    private static func type(of value: ExprSyntax) throws -> ExprSyntax {
        if let access = value.as(MemberAccessExprSyntax.self),
            access.declName.baseName.tokenKind == .keyword(.self), let base = access.base
        {
            return base.trimmed
        }
        let message = "the class of the cache has to be written out, as in 'UserCache.self'"
        throw DiagnosticsError(message, at: value)
    }

    /// A literal that can be read as it stands.
    private static func literal(_ value: ExprSyntax) throws -> StringLiteralExprSyntax {
        guard let literal = value.as(StringLiteralExprSyntax.self) else {
            let message =
                "the key template has to be a literal, to be checked when the program is compiled"
            throw DiagnosticsError(message, at: value)
        }
        let isPlain =
            literal.segments.count == 1 && literal.segments.first?.is(StringSegmentSyntax.self) == true
        guard isPlain, literal.openingQuote.tokenKind == .stringQuote,
            !literal.segments.description.contains("\\")
        else {
            let message = "the key template has to be text on one line, without escapes and interpolation"
            throw DiagnosticsError(message, at: literal)
        }
        return literal
    }
}
