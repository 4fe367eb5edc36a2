import Caches

func serversChanged(_ environment: [String: String]) throws {
    let pool = CachePool.shared
    try pool.reconfigure(to: PoolConfiguration(environment: environment))  // returns at once
    print(pool.handOver as Any)  // which stage, how many keys were moved
}
