import Caches

func nameOrStranger(_ id: Int) async throws -> String {
    do {
        return try await UserCache(id).get()?.name ?? "stranger"
    } catch let error as CachesError where error.isOutage {
        print(error)  // b: unreachable: No connection to 10.0.0.2:6379: Connection refused. Check that …
        return "stranger"
    }
}
