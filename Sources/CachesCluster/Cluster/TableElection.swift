internal import CachesTransport

// The election of a slot table: which servers are in a cluster, and whose answers count.
//
// Each server of a cluster tells only its own view, which may be old or wrong: a server that was made to
// forget the others (`CLUSTER FORGET`, `CLUSTER RESET`) names itself alone, one that is cut off names the
// former owners, and the address of a dead server may now belong to a server of another cluster. So a single
// answer that contradicts the known table is not believed. Several servers are asked, and their answers
// become one table as follows.
//
// 1. **Voters.** The servers of the table in use, and the hosts of the DSN. A server that only an answer
//    names has no vote, or a server of another cluster would bring its own witnesses.
//
// 2. **Grouping answers by cluster.** Servers have identifiers that no two of them share, and `CLUSTER SLOTS`
//    tells them. Two answers with a server in common are about one cluster, and so are answers that a third
//    one links. Addresses don't matter here: they change hands.
//
// 3. **Choosing the cluster.** The cluster of the table in use, as long as any answer still knows it. Another
//    cluster takes its place if two or more hosts of the DSN are in it, and more than in the first: the DSN
//    is what people wrote. It also does if the table in use lacks owners of some slots, and a table that as
//    many hosts of the DSN know lacks fewer: the table in use then comes from a server that forgot the
//    others. If no answer knows the cluster in use any more, one host of the DSN, or more than half of all
//    servers asked, are enough. At the start, the cluster that most hosts of the DSN know; among equals the
//    one with more slots; then the one of the host that the DSN names first.
//
// 4. **Choosing the table of the cluster.** The table that differs in the fewest slots from all the others
//    together. A server that forgot the others, or is cut off, is far from all; servers that have just not
//    heard of the last change are near. Among equals the table with more slots; then the one in use, so that
//    two servers that disagree don't make it flip.
//
// 5. **A single answer** does not take slots away: if no other server answers, the table in use stays.
//
// **Why no epochs.** Two servers that claim a slot settle it between themselves by the configuration epoch,
// and `CLUSTER NODES` tells it for each server. That command costs the servers several times as much as
// `CLUSTER SLOTS`, and many users may not run it. `CLUSTER INFO` tells only the current epoch, which says
// little: a replica that is cut off raises its own with each election that it does not win. A change is known
// everywhere within a second, and until then `MOVED` corrects the calls concerned.
//
// **If this process is the one that is cut off**, few servers answer. A server that agrees changes nothing;
// one that disagrees alone can't take slots away, nor bring in another cluster unless a host of the DSN is in
// it. As soon as more answer, they outvote it: the hosts of the DSN are asked periodically (`TableRefresh`),
// so no table is final.
//
// **Not covered.** Half of the hosts of a DSN in one cluster, and half in another: the first one found stays,
// and a log line says so. A load balancer's name has the vote of the server that it leads to. A malicious
// server in the table can send calls anywhere, with `MOVED`.

/// Makes one table from the answers of several servers. A value: votes in, table out.
struct TableElection: Sendable {
    /// A server's answer.
    struct Vote: Sendable {
        let voter: Endpoint
        let table: SlotTable
    }

    /// The result of an election.
    struct Outcome: Sendable {
        /// The table to use from now on; nil: the one in use.
        let table: SlotTable?

        /// Voters that know another cluster, or fewer slots than the others: they are ignored.
        let unheard: [Endpoint]
    }

    /// The table in use.
    let present: SlotTable?

    /// The hosts of the DSN, in its order.
    let seeds: [Endpoint]

    /// In the order in which they came.
    var votes: [Vote] = []

    init(present: SlotTable?, seeds: [Endpoint]) {
        self.present = present
        self.seeds = seeds
    }

    /// The decision.
    /// - Parameter asked: How many servers were asked, including those that did not answer.
    func outcome(asked: Int) -> Outcome {
        let clusters = clusters
        guard let cluster = winner(clusters, asked: asked) else {
            return Outcome(table: nil, unheard: votes.map(\.voter))
        }
        let table = table(of: cluster)
        let others = clusters.filter { $0.votes[0].voter != cluster.votes[0].voter }
        let unheard =
            others.flatMap { $0.votes.map(\.voter) }
            + cluster.votes.filter { $0.table.coverage < table.coverage }.map(\.voter)
        if let present, cluster.isPresent, cluster.votes.count == 1, table.coverage < present.coverage {
            return Outcome(table: nil, unheard: votes.map(\.voter))
        }
        return Outcome(table: table, unheard: unheard)
    }

    // MARK: Clusters

    /// Answers that are about one cluster.
    struct ClusterVotes {
        var votes: [Vote]
        var identities: Set<String>
        /// The positions in the DSN of its hosts that are in it, in ascending order.
        var seeds: [Int] = []
        var isPresent = false

        /// How many slots have a known owner in the best informed answer.
        var coverage: Int { votes.map(\.table.coverage).max() ?? 0 }
    }

    /// The answers, grouped by the cluster that they are about.
    var clusters: [ClusterVotes] {
        var clusters: [ClusterVotes] = []
        for vote in votes {
            var merged = ClusterVotes(votes: [], identities: vote.table.identities)
            // One answer may link two groups that had nothing in common.
            clusters.removeAll { cluster in
                guard !cluster.identities.isDisjoint(with: vote.table.identities) else { return false }
                merged.votes += cluster.votes
                merged.identities.formUnion(cluster.identities)
                return true
            }
            merged.votes.append(vote)
            clusters.append(merged)
        }
        return clusters.map { cluster in
            var cluster = cluster
            cluster.seeds = seeds.indices.filter { index in
                cluster.votes.contains { $0.voter == seeds[index] }
            }
            cluster.isPresent = present.map { !cluster.identities.isDisjoint(with: $0.identities) } ?? false
            return cluster
        }
    }

    private func winner(_ clusters: [ClusterVotes], asked: Int) -> ClusterVotes? {
        let ranked = clusters.sorted(by: Self.isBetter)
        guard let present else { return ranked.first }
        // A table may link groups that the answers don't link: then each group knows the cluster in use.
        guard let own = clusters.filter(\.isPresent).max(by: { Self.isBetter($1, $0) }) else {
            return ranked.first { !$0.seeds.isEmpty || 2 * $0.votes.count > asked }
        }
        return ranked.first { other in
            guard !other.isPresent else { return false }
            if other.seeds.count > max(1, own.seeds.count) { return true }
            return !other.seeds.isEmpty && other.seeds.count >= own.seeds.count && !present.isComplete
                && other.coverage > own.coverage
        } ?? own
    }

    /// Whether a cluster is preferred over another if no table is in use.
    private static func isBetter(_ one: ClusterVotes, _ other: ClusterVotes) -> Bool {
        if one.seeds.count != other.seeds.count { return one.seeds.count > other.seeds.count }
        if one.coverage != other.coverage { return one.coverage > other.coverage }
        if one.votes.count != other.votes.count { return one.votes.count > other.votes.count }
        return one.seeds.first ?? .max < other.seeds.first ?? .max
    }

    // MARK: Tables

    /// The table that differs least from the others.
    private func table(of cluster: ClusterVotes) -> SlotTable {
        // Equal tables are compared once.
        var candidates: [(table: SlotTable, votes: Int)] = []
        for vote in cluster.votes {
            if let index = candidates.firstIndex(where: { $0.table.hasSameOwners(as: vote.table) }) {
                candidates[index].votes += 1
            } else {
                candidates.append((vote.table, 1))
            }
        }
        guard candidates.count > 1 else { return candidates[0].table }
        let (sizes, owners) = Self.segments(of: candidates.map(\.table))
        let ranks = candidates.indices.map { index in
            let distance = candidates.indices.reduce(0) { sum, other in
                var slots = 0
                for (segment, size) in sizes.enumerated()
                where owners[index][segment] != owners[other][segment] {
                    slots += size
                }
                return sum + candidates[other].votes * slots
            }
            let table = candidates[index].table
            let isInUse = present.map { $0.hasSameOwners(as: table) } ?? false
            return (distance, -table.coverage, isInUse ? 0 : 1, index)
        }
        let best = ranks.min { $0 < $1 }
        return candidates[best?.3 ?? 0].table
    }

    /// The slots, cut wherever an owner changes in one of the tables: the size of each segment, and its owner
    /// in each table as a number, -1 for no owner. There are usually few segments; comparing each slot would
    /// block the loop.
    private static func segments(of tables: [SlotTable]) -> (sizes: [Int], owners: [[Int32]]) {
        var bounds: Set = [0, HashSlot.count]
        for range in tables.flatMap(\.ranges) {
            bounds.insert(range.slots.lowerBound)
            bounds.insert(range.slots.upperBound + 1)
        }
        let starts = bounds.sorted()
        let positions = Dictionary(uniqueKeysWithValues: starts.enumerated().map { ($1, $0) })
        var numbers: [Endpoint: Int32] = [:]
        let owners = tables.map { table in
            var owners = [Int32](repeating: -1, count: starts.count - 1)
            for range in table.ranges {
                let number = numbers[range.master] ?? Int32(numbers.count)
                numbers[range.master] = number
                guard let first = positions[range.slots.lowerBound],
                    let end = positions[range.slots.upperBound + 1]
                else { continue }
                for segment in first..<end { owners[segment] = number }
            }
            return owners
        }
        return (zip(starts.dropFirst(), starts).map { $0 - $1 }, owners)
    }
}
