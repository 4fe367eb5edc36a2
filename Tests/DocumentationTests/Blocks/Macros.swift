import CachesMacros

@Cached(PageCache.self, key: "{language}.{page}", ttl: .minutes(1))
func page(_ page: Int, in language: String) async throws -> String {
    try await render(page: page, language: language)
}
