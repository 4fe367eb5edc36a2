import CachesTransport

extension OptionForm where Value == [HostPattern] {
    /// `*.cache.example.com,10.0.0.7`.
    static var hostPatterns: OptionForm {
        OptionForm("hosts: `*.cache.example.com` or a whole name or address, commas between them") { text in
            let parts = text.split(separator: ",", omittingEmptySubsequences: false)
            let patterns = parts.compactMap { HostPattern(String($0)) }
            return patterns.count == parts.count ? patterns : nil
        } print: {
            $0.map(\.text).joined(separator: ",")
        }
    }
}
