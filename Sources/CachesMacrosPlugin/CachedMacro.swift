import SwiftDiagnostics
import SwiftSyntax
import SwiftSyntaxBuilder
import SwiftSyntaxMacros

/// `@Cached`: makes the body of a function the computation of a `fetch`.
///
///     try await (UserCache(Caches.CacheKey.part(id), ttl: .seconds(5)) as Caches.Cache<User>).fetch { … }
///
/// The cast is for the compiler's error, where the cache is of another type than the function's result:
/// without it, it would be about an expression of the body.
public struct CachedMacro: BodyMacro {
    // The body stays letter by letter what it was, so that the compiler can point into it.
    public static var formatMode: FormatMode { .disabled }

    public static func expansion(
        of attribute: AttributeSyntax,
        providingBodyFor declaration: some DeclSyntaxProtocol & WithOptionalCodeBlockSyntax,
        in context: some MacroExpansionContext
    ) throws -> [CodeBlockItemSyntax] {
        guard let syntax = declaration.as(FunctionDeclSyntax.self) else {
            throw DiagnosticsError("only a function can be cached", at: attribute)
        }
        let function = try CachedFunction(syntax)
        let options = try CachedOptions(attribute)
        let key = try KeyExpressions(function, template: options.template, in: context)
        var call = SourceLayout(at: SourcePlace(of: attribute, in: context))
        call.append("try await (\(options.cacheClass)(")
        for (index, part) in key.parts.enumerated() {
            if index > 0 { call.append(", ") }
            part.append(to: &call)
        }
        for (index, argument) in options.cacheArguments.enumerated() {
            call.append((index + key.parts.count > 0 ? ", " : "") + argument)
        }
        call.append(") as Caches.Cache<\(function.result)>).fetch\(options.fetchArguments) {")
        let body = SourceText(function.body.statements, in: context)
        return [
            """
            \(raw: call.text)
            \(raw: body.text)
            }
            """
        ]
    }
}

/// Statements as they were typed, with directives that say where: what is wrong in them is then reported
/// there.
private struct SourceText {
    let text: String

    init(_ statements: CodeBlockItemListSyntax, in context: some MacroExpansionContext) {
        let location = context.location(of: statements, at: .beforeLeadingTrivia, filePathMode: .filePath)
        guard let location, let column = Int(location.column.description) else {
            text = statements.description
            return
        }
        text = """
            #sourceLocation(file: \(location.file), line: \(location.line))
            \(String(repeating: " ", count: column - 1))\(statements)
            #sourceLocation()
            """
    }
}
