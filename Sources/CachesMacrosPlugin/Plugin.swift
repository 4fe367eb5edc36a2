import SwiftCompilerPlugin
import SwiftSyntaxMacros

/// The program that the compiler runs to expand macros.
@main
struct Plugin: CompilerPlugin {
    let providingMacros: [any Macro.Type] = [CachedMacro.self]
}
