/// A snapshot of the files that TLS is made of: if a later one differs, a file has changed.
package struct TLSFiles: Hashable, Sendable {
    private let stamps: [FileStamp]

    /// Looks at the files. It blocks.
    package init(of configuration: TLSConfiguration) { stamps = configuration.files.map(FileStamp.init) }

    /// Whether there are any.
    package var isEmpty: Bool { stamps.isEmpty }
}

extension TLSConfiguration {
    /// Every file that a context is made of. It looks into directories, and blocks.
    var files: [String] {
        var files = [authorityFile, revocationFile, certificateFile, keyFile]
        if case .file(let path) = keyPassword { files.append(path) }
        // A directory's stamp changes with its list of files, not with what these hold.
        if let authorityFile { files += Directory.files(in: authorityFile) ?? [] }
        return files.compactMap { $0 }
    }
}
