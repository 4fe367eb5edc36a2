import CachesTesting
import CachesTransport
import Testing

@testable import CachesCluster

/// The snapshots by which many keys at once are split.
@Suite("Spreads of keys") struct RingSnapshotTests {
    private func expectAgreement(_ pool: CachePool) throws {
        let snapshot = try #require(try pool.routing().snapshot)
        for number in 0..<200 {
            let key = "key.\(number)"
            let index = try #require(snapshot.index(of: KeyBytes(key)))
            #expect(try snapshot.nodes[index] === pool.node(for: key))
        }
    }

    @Test("A snapshot of servers has each key on its owner")
    func servers() async throws {
        try await withLocalFleet(nodes: 3) { fleet in
            let pool = try CachePool(fleet.dsns, logger: silent)
            #expect(try pool.routing().snapshot?.isOfCluster == false)
            try expectAgreement(pool)
            await pool.close()
        }
    }

    @Test(
        "A snapshot of a known cluster has each key on its slot's master; a cluster beside a server has none"
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
