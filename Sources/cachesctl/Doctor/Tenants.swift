import CachesTransport

/// Other users of a server who may write this library's own keys.
///
/// Not those who may change the rules: an operator can do anything. Who has no password is none.
enum Tenants {
    /// By what `ACL LIST` answers (https://redis.io/docs/latest/commands/acl-list/): a line a user, such as
    /// `user app on #… ~user.* &* -@all +get`.
    ///
    /// - Parameter user: The user of the pool, who has to.
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

    /// Whether somebody who has to prove who he is may run `ACL SETUSER`. Rules count in their order.
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

    /// Whether a rule lets write some key that begins with `caches:`. What has another pattern in it is not
    /// looked into.
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
