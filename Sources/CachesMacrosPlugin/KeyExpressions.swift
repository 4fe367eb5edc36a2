import SwiftDiagnostics
import SwiftSyntax
import SwiftSyntaxBuilder
import SwiftSyntaxMacros

/// The parts of the key, as expressions in the body of the function.
struct KeyExpressions {
    let parts: [Part]

    /// One of them: `"page-" + CacheKey.part(number)`.
    struct Part {
        /// The text before the value; the whole part, if there is no value.
        var before: String?
        /// What has to be a `KeyPart`, and where that was said.
        var value: (expression: String, place: SourcePlace?)?
        /// The text after the value.
        var after: String?

        func append(to source: inout SourceLayout) {
            if let before { source.append(before) }
            guard let (expression, start) = value else { return }
            if before != nil { source.append(" + ") }
            // By way of a function, the compiler's error is about the value, and not about the whole call.
            source.append("Caches.CacheKey")
            // It is reported where the function's name stands.
            var place = start
            place?.column -= 1
            source.append(".part(\(expression))", at: place)
            if let after { source.append(" + " + after) }
        }
    }

    /// - Parameter template: The template of the key. nil: every parameter.
    /// - Throws: `DiagnosticsError` for each parameter that can't be a part, and for each fault of the
    ///   template.
    init(
        _ function: CachedFunction, template: StringLiteralExprSyntax?, in context: some MacroExpansionContext
    ) throws {
        parts =
            if let segment = template?.segments.first {
                try KeyExpressions.parts(
                    of: KeyTemplate(segment),
                    TemplateNames(function.parameters, hasSelf: context.isInType, in: segment),
                    SourcePlace(of: segment, in: context))
            } else {
                try KeyExpressions.everything(function.parameters, in: context)
            }
    }

    private static func everything(
        _ parameters: [Parameter], in context: some MacroExpansionContext
    ) throws -> [Part] {
        var (parts, faults): ([Part], [Diagnostic]) = ([], [])
        for parameter in parameters where !parameter.isIsolated {
            if parameter.isVariadic {
                let message = "a variadic parameter can't be part of a key; say by 'key:' what is"
                faults.append(Diagnostic(message, at: parameter.syntax))
            } else if let reference = parameter.reference {
                parts.append(Part(value: (reference, SourcePlace(of: parameter.syntax, in: context))))
            } else {
                let message =
                    "a parameter without a name can't be part of a key; name it, or say by 'key:' what is"
                faults.append(Diagnostic(message, at: parameter.syntax))
            }
        }
        guard faults.isEmpty else { throw DiagnosticsError(diagnostics: faults) }
        return parts
    }

    /// - Parameter place: Where the template begins.
    private static func parts(
        of template: KeyTemplate, _ names: TemplateNames, _ place: SourcePlace?
    ) throws -> [Part] {
        let faults = template.parts.compactMap(\.placeholder).compactMap(names.fault)
        guard faults.isEmpty else { throw DiagnosticsError(diagnostics: faults) }
        return template.parts.map { part in
            guard let placeholder = part.placeholder else { return Part(before: literal(part.before)) }
            var place = place
            place?.column += placeholder.offset
            let texts = [part.before, part.after].map { $0.isEmpty ? nil : literal($0) }
            return Part(before: texts[0], value: (names.expression(placeholder), place), after: texts[1])
        }
    }

    private static func literal(_ text: String) -> String {
        StringLiteralExprSyntax(content: text).description
    }
}

extension KeyTemplate {
    /// Reads the template that a literal holds.
    fileprivate init(_ segment: StringLiteralSegmentListSyntax.Element) throws {
        do throws(Fault) {
            try self.init(segment.description)
        } catch {
            throw DiagnosticsError(error.message, at: segment, segment.position.advanced(by: error.offset))
        }
    }
}

extension MacroExpansionContext {
    /// Whether there is a `self`.
    fileprivate var isInType: Bool {
        lexicalContext.contains { $0.asProtocol((any DeclGroupSyntax).self) != nil }
    }
}
