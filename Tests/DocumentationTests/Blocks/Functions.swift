import Caches

func render(page: Int, language: String) async throws -> String { "page \(page) in \(language)" }

final class PageCache: Cache<String>, @unchecked Sendable {
    override class var ttl: TTL { .minutes(5) }
}

let cachedPage = PageCache.cached(render)

func pages() async throws {
    print(try await cachedPage(7, "en"))  // rendered, and stored as PageCache.7.en
    print(try await cachedPage(7, "en"))  // read
    try await cachedPage.clear(7, "en")
}
