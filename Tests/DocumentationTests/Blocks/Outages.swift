import Caches

final class PriceCache: Cache<Double>, @unchecked Sendable {
    override class var outagePolicy: OutagePolicy? { .gutter(ttl: .seconds(5)) }  // or .miss, or .fail
}

func watch(_ pool: CachePool) async {
    for await event in pool.events where event.to.isOut != event.from.isOut { print(event) }
}
