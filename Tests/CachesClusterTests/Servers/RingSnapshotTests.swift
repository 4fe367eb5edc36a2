import CachesTesting
import CachesTransport
import Testing

@testable import CachesCluster

/// What many keys at once are split by.
@Suite("Spreads of keys") struct RingSnapshotTests {
    private func expectAgreement(_ pool: CachePool) throws {
        let snapshot = try #require(try pool.routing().snapshot)
        for number in 0..<200 {
            let key = "key.\(number)"
            let index = try #require(snapshot.index(of: KeyBytes(key)))
            #expect(try snapshot.nodes[index] === pool.node(for: key))
        }
    }

    @Test("Of servers each key is on its owner")
    func servers() async throws {
        try await withLocalFleet(nodes: 3) { fleet in
            let pool = try CachePool(fleet.dsns, logger: silent)
            #expect(try pool.routing().snapshot?.isOfCluster == false)
            try expectAgreement(pool)
            await pool.close()
        }
    }

    @Test(
        "Of a cluster each key is on its slot's master, once those are known; beside a server each is asked for"
    )
    func cluster() async throws {
        try await withLocalCluster(replicasPerMaster: 0) { cluster in
            let pool = try CachePool([cluster.dsn], logger: silent)
            #expect(try pool.routing().snapshot == nil)
            try await pool.discover()
            #expect(try pool.routing().snapshot?.isOfCluster == true)
            try expectAgreement(pool)
            await pool.close()
            try await withLocalFleet(nodes: 1) { fleet in
                let mixed = try CachePool([cluster.dsn] + fleet.dsns, logger: silent)
                try await mixed.discover()
                #expect(try mixed.routing().snapshot == nil)
                await mixed.close()
            }
        }
    }
}
