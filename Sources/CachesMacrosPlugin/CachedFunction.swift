import SwiftDiagnostics
import SwiftSyntax

/// The function that `@Cached` stands at, found fit for it.
struct CachedFunction {
    let parameters: [Parameter]
    let result: TypeSyntax
    let body: CodeBlockSyntax

    /// - Throws: `DiagnosticsError` with everything for which the function can't be cached.
    init(_ syntax: FunctionDeclSyntax) throws {
        let signature = syntax.signature
        parameters = signature.parameterClause.parameters.map(Parameter.init)
        var faults = parameters.compactMap(\.fault)
        if let fault = signature.effectsFault { faults.append(fault) }
        let result = signature.returnClause?.type
        switch result {
        case nil:
            faults.append(Diagnostic("a function without a result can't be cached", at: syntax.name))
        case let result? where result.isVoid:
            faults.append(Diagnostic("a function without a result can't be cached", at: result))
        case let result? where result.is(SomeOrAnyTypeSyntax.self):
            faults.append(
                Diagnostic("a result that is cached has to be of a type with a name", at: result))
        default: break
        }
        if syntax.body == nil {
            faults.append(Diagnostic("a function without a body can't be cached", at: syntax.name))
        }
        guard faults.isEmpty, let result, let body = syntax.body else {
            throw DiagnosticsError(diagnostics: faults)
        }
        self.result = result.trimmed
        self.body = body
    }
}

extension FunctionSignatureSyntax {
    /// The error, if it isn't `async throws`, and how to make it so.
    fileprivate var effectsFault: Diagnostic? {
        let throwing = effectSpecifiers?.throwsClause
        let throwsAnything =
            throwing?.throwsSpecifier.tokenKind == .keyword(.throws)
            && (throwing?.type == nil || throwing?.type?.trimmedDescription == "any Error")
        guard effectSpecifiers?.asyncSpecifier == nil || !throwsAnything else { return nil }
        var fixed = self
        fixed.parameterClause.trailingTrivia = .space
        fixed.effectSpecifiers = FunctionEffectSpecifiersSyntax(
            asyncSpecifier: .keyword(.async, trailingTrivia: .space),
            throwsClause: ThrowsClauseSyntax(throwsSpecifier: .keyword(.throws, trailingTrivia: .space)))
        return Diagnostic(
            "a cached function has to be 'async throws', since it may wait for a server",
            at: effectSpecifiers.map { Syntax($0) } ?? Syntax(parameterClause),
            fixIts: [
                FixIt(
                    message: Message("write 'async throws'"),
                    changes: [.replace(oldNode: Syntax(self), newNode: Syntax(fixed))])
            ])
    }
}

extension TypeSyntax {
    fileprivate var isVoid: Bool {
        trimmedDescription == "Void" || self.as(TupleTypeSyntax.self)?.elements.isEmpty == true
    }
}
