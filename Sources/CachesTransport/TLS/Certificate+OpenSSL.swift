internal import COpenSSL
internal import CachesPlatform

extension Certificate {
    /// No certificate of an honest server has more names, and a dishonest server's must not make us remember
    /// more.
    private static let mostNames = 1000

    /// Reads what OpenSSL parsed. The pointer is used during the call only.
    init(_ certificate: OpaquePointer) {
        let subjectName = unsafe X509_get_subject_name(certificate)
        self.init(
            subject: unsafe Self.text(of: subjectName),
            issuer: unsafe Self.text(of: X509_get_issuer_name(certificate)),
            serialNumber: unsafe Self.serialNumber(of: certificate),
            notBefore: unsafe Self.seconds(X509_get0_notBefore(certificate)),
            notAfter: unsafe Self.seconds(X509_get0_notAfter(certificate)),
            names: unsafe Self.alternativeNames(of: certificate))
        if names.isEmpty, let commonName = unsafe Self.commonName(of: subjectName) {
            names = [commonName]
            hasCommonNameAlone = true
        }
    }

    private static func text(of name: OpaquePointer?) -> String {
        guard let name = unsafe name, let buffer = unsafe BIO_new(BIO_s_mem()) else { return "" }
        defer { unsafe BIO_free(buffer) }
        guard unsafe caches_X509_NAME_print(buffer, name) >= 0 else { return "" }
        let count = min(unsafe caches_BIO_ctrl_pending(buffer), 1024)
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { target, written in
            written = unsafe max(0, Int(BIO_read(buffer, target.baseAddress, Int32(count))))
        }
        return bytes.isEmpty ? "(empty)" : String(decoding: bytes, as: UTF8.self).printable
    }

    private static func serialNumber(of certificate: OpaquePointer) -> String {
        guard let number = unsafe ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nil) else {
            return ""
        }
        defer { unsafe BN_free(number) }
        guard let text = unsafe BN_bn2hex(number) else { return "" }
        defer { unsafe CRYPTO_free(text, nil, 0) }
        return unsafe String(cString: text)
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64 {
        var parts = unsafe tm()
        guard unsafe ASN1_TIME_to_tm(time, &parts) == 1 else { return 0 }
        return Int64(unsafe timegm(&parts))
    }

    private static func alternativeNames(of certificate: OpaquePointer) -> [String] {
        guard let list = unsafe caches_X509_get_subject_alt_names(certificate) else { return [] }
        defer { unsafe GENERAL_NAMES_free(list) }
        var names: [String] = []
        for index in 0..<min(unsafe caches_names_count(list), Int32(mostNames)) {
            var type: Int32 = 0
            guard let string = unsafe caches_names_item(list, index, &type) else { continue }
            let bytes = unsafe self.bytes(of: string)
            let name = type == GEN_DNS ? printable(bytes) : address(bytes)
            if let name { names.append(name) }
        }
        return names
    }

    private static func commonName(of name: OpaquePointer?) -> String? {
        let position = unsafe X509_NAME_get_index_by_NID(name, NID_commonName, -1)
        guard position >= 0, let entry = unsafe X509_NAME_get_entry(name, position),
            let string = unsafe X509_NAME_ENTRY_get_data(entry)
        else { return nil }
        return unsafe printable(bytes(of: string))
    }

    private static func bytes(of string: UnsafePointer<ASN1_STRING>) -> [UInt8] {
        unsafe Array(
            UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string))))
    }

    /// A host's name; a certificate may hold any bytes in its place.
    private static func printable(_ bytes: [UInt8]) -> String? {
        guard !bytes.isEmpty, bytes.count <= 253 else { return nil }
        return String(decoding: bytes.map { 0x20...0x7E ~= $0 ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }

    private static func address(_ bytes: [UInt8]) -> String? {
        guard [4, 16].contains(bytes.count) else { return nil }
        // The longest is an IPv4 address in an IPv6 one.
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard unsafe inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
