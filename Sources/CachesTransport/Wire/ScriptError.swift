/// The text that Redis before 7 puts around an error in a script, so that its code does not stand first.
///
/// Redis 7 answers `READONLY You can't write against a read only replica. script: 4f…, on @user_script:1.`;
/// 6.2 ([scripting.c](https://github.com/redis/redis/blob/6.2/src/scripting.c)) one of these:
///
///     ERR Error running script (call to f_4f…): @user_script:1: @user_script: 1: -READONLY You can't write …
///     ERR Error running script (call to f_4f…): @user_script:1: WRONGTYPE Operation against a key …
///     @user_script: 1: -READONLY You can't write …
///
/// The first two leave the script by `redis.call`, the first where the server refused the command before it
/// ran, and the last is returned by the script after `redis.pcall`.
enum ScriptError {
    private static let running = "ERR Error running script (call to "
    private static let source = "user_script:"

    /// The error that the script met; nil if the text is of another kind, or of an error of the script's own.
    static func unwrapped(_ message: String) -> String? {
        var rest: Substring
        if message.hasPrefix(running) {
            guard let end = message.firstRange(of: "): ") else { return nil }
            rest = message[end.upperBound...]
        } else if message.hasPrefix("@" + source) {
            rest = message[...]
        } else {
            return nil
        }
        while let next = afterPlace(rest) { rest = next }
        if rest.hasPrefix("-") { rest.removeFirst() }
        let code = rest.prefix { $0 != " " }
        guard code.utf8.count >= 2,
            code.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) })
        else { return nil }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }

    /// The text after `@user_script:1: ` or `@user_script: 1: `.
    private static func afterPlace(_ text: Substring) -> Substring? {
        var rest = text
        if rest.hasPrefix("@") { rest.removeFirst() }
        guard rest.hasPrefix(source) else { return nil }
        rest = rest.dropFirst(source.count).drop { $0 == " " }
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty else { return nil }
        rest = rest.dropFirst(digits.count)
        guard rest.hasPrefix(": ") else { return nil }
        return rest.dropFirst(2)
    }
}
