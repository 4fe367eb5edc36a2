import SwiftDiagnostics
import SwiftSyntax
import SwiftSyntaxBuilder
import SwiftSyntaxMacros

/// The parts of the key, as expressions in the body of the function.
struct KeyExpressions {
    let parts: [String]

    /// - Parameter template: What the key is made of. nil: every parameter.
    /// - Throws: `DiagnosticsError` for each parameter that can't be a part, and for each fault of the template.
    init(
        _ function: CachedFunction, template: StringLiteralExprSyntax?, in context: some MacroExpansionContext
    ) throws {
        parts =
            if let segment = template?.segments.first {
                try KeyExpressions.parts(
                    of: KeyTemplate(segment),
                    TemplateNames(function.parameters, hasSelf: context.isInType, in: segment))
            } else {
                try KeyExpressions.everything(function.parameters)
            }
    }

    private static func everything(_ parameters: [Parameter]) throws -> [String] {
        var (parts, faults): ([String], [Diagnostic]) = ([], [])
        for parameter in parameters where !parameter.isIsolated {
            if parameter.isVariadic {
                let message = "a variadic parameter can't be part of a key; say by 'key:' what is"
                faults.append(Diagnostic(message, at: parameter.syntax))
            } else if let reference = parameter.reference {
                parts.append(reference)
            } else {
                let message =
                    "a parameter without a name can't be part of a key; name it, or say by 'key:' what is"
                faults.append(Diagnostic(message, at: parameter.syntax))
            }
        }
        guard faults.isEmpty else { throw DiagnosticsError(diagnostics: faults) }
        return parts
    }

    private static func parts(of template: KeyTemplate, _ names: TemplateNames) throws -> [String] {
        let faults = template.parts.compactMap(\.placeholder).compactMap(names.fault)
        guard faults.isEmpty else { throw DiagnosticsError(diagnostics: faults) }
        return template.parts.map { part in
            guard let placeholder = part.placeholder else { return literal(part.before) }
            let value = names.expression(placeholder)
            let texts = [part.before, part.after].map { $0.isEmpty ? nil : literal($0) }
            guard texts != [nil, nil] else { return value }
            // The text of a `KeyPart`.
            return [texts[0], value + ".keyPart", texts[1]].compactMap(\.self).joined(separator: " + ")
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
