import CachesTesting
import CachesTestingTraits
import Testing

@Test(.cluster(masters: 3, replicasPerMaster: 1, nodeTimeout: .seconds(1)))
func survivesWhatClustersDo() async throws {
    let cluster = try #require(LocalCluster.current)
    let target = try await cluster.addMaster()
    let migration = try await cluster.beginMigration(ofSlot: 42, to: target)
    try await migration.moveKeys(atMost: 10)  // the slot's other keys are still at migration.source
    try await migration.finish()

    let master = try await cluster.master(ofSlot: 0)
    master.kill()
    print(try await cluster.waitForFailover(of: master))  // how long nobody served its slots
}
