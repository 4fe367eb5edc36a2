import CachesTransport

/// Other users of a server that may write this library's own keys.
///
/// Operators, users that may change the rules, are left out: they can do anything. A user without a password
/// is not an operator.
enum Tenants {
    /// Reads the reply to `ACL LIST` (https://redis.io/docs/latest/commands/acl-list/): a line for each user,
    /// such as `user app on #… ~user.* &* -@all +get`.
    ///
    /// - Parameter user: The user of the pool, who has to write these keys.
    static func whoMayForge(in list: [String], besides user: String) -> [String] {
        list.compactMap { line in
            let words = line.split(separator: " ")
            guard words.count > 2, words[0] == "user", words[1] != user, words.contains("on") else {
                return nil
            }
            // A selector has parentheses round its rules.
            let rules = words.dropFirst(2).map { $0.drop { $0 == "(" } }.map {
                $0.hasSuffix(")") ? $0.dropLast() : $0
            }
            guard !isOperator(rules) else { return nil }
            return rules.contains(where: isTooWide) ? String(words[1]).printable : nil
        }
    }

    /// Whether the user has to authenticate and may run `ACL SETUSER`. The last rule about it counts.
    private static func isOperator(_ rules: [Substring]) -> Bool {
        let mayChange = rules.last {
            isAboutRules($0.dropFirst()) || $0 == "allcommands" || $0 == "nocommands"
        }
        guard let mayChange, !rules.contains("nopass") else { return false }
        return mayChange.hasPrefix("+") || mayChange == "allcommands"
    }

    private static func isAboutRules(_ commands: Substring) -> Bool {
        ["@all", "@admin", "@dangerous", "acl", "acl|setuser"].contains(commands.lowercased())
    }

    /// Whether a rule allows writes to some key that begins with `caches:`. A pattern is checked only up to
    /// its first special character.
    private static func isTooWide(_ rule: Substring) -> Bool {
        if rule == "allkeys" { return true }
        var pattern = rule
        if rule.hasPrefix("%") {
            guard let tilde = rule.firstIndex(of: "~"), rule[..<tilde].uppercased().contains("W") else {
                return false
            }
            pattern = rule[tilde...]
        }
        guard pattern.hasPrefix("~") else { return false }
        let start = pattern.dropFirst().prefix { !"*?[\\".contains($0) }
        let isOpen = start.count < pattern.count - 1
        return start.hasPrefix("caches:") || isOpen && "caches:".hasPrefix(start)
    }
}
