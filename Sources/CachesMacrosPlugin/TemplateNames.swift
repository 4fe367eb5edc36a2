import SwiftDiagnostics
import SwiftSyntax

/// What the template of a function's key can name.
struct TemplateNames {
    private let parameters: [Parameter]
    private let hasSelf: Bool

    /// The text of the template, for who names something else.
    private let segment: StringLiteralSegmentListSyntax.Element

    init(
        _ parameters: [Parameter], hasSelf: Bool, in segment: StringLiteralSegmentListSyntax.Element
    ) {
        self.parameters = parameters.filter { $0.name != nil }
        self.hasSelf = hasSelf
        self.segment = segment
    }

    /// Why a placeholder can't be used.
    func fault(_ placeholder: KeyTemplate.Placeholder) -> Diagnostic? {
        let (name, isPath) = (placeholder.path[0], placeholder.path.count > 1)
        let position = segment.position.advanced(by: placeholder.offset)
        if name == "self", hasSelf {
            let message = "'self' can't be part of a key; name a property of it, as in 'self.id'"
            return isPath ? nil : Diagnostic(message, at: segment, position)
        }
        guard let parameter = parameter(name) else {
            let message = "the key template names '\(name)', which is no parameter; \(alternatives)"
            return Diagnostic(message, at: segment, position, fixIts: fixIts(for: name, at: position))
        }
        guard parameter.isVariadic, !isPath else { return nil }
        return Diagnostic("the variadic parameter '\(name)' can't be part of a key", at: segment, position)
    }

    /// What a placeholder without fault stands for.
    func expression(_ placeholder: KeyTemplate.Placeholder) -> String {
        let name = placeholder.path[0]
        let reference = parameter(name)?.reference ?? name
        return ([reference] + placeholder.path.dropFirst()).joined(separator: ".")
    }

    private func parameter(_ name: String) -> Parameter? { parameters.first { $0.name == name } }

    private var alternatives: String {
        let names = parameters.compactMap(\.name) + (hasSelf ? ["self"] : [])
        guard !names.isEmpty else { return "the function has none" }
        return "it can name " + names.map { "'\($0)'" }.joined(separator: ", ")
    }

    /// To write a parameter in place of a name, for each parameter.
    private func fixIts(for name: String, at position: AbsolutePosition) -> [FixIt] {
        let range = position..<position.advanced(by: name.utf8.count)
        return parameters.compactMap(\.name).map { other in
            FixIt(
                message: Message("write '\(other)'"),
                changes: [.replaceText(range: range, with: other, in: Syntax(segment))])
        }
    }
}
