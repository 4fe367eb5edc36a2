import Testing

@testable import CachesTesting

@Suite("A survey of a cluster")
struct ClusterSurveyTests {
    /// The answers of three nodes: `a` and `b` are masters, `c` is the replica of `a`.
    static let nodes = """
        a 127.0.0.1:1@11,localhost FLAGS,master - 0 0 1 connected 0-5 7 9-8191 [93->-b]
        b 127.0.0.1:2@12,localhost master - 0 0 2 connected 6 8 8192-16383
        c 127.0.0.1:3@13 slave a 0 0 1 connected

        """

    static func view(
        _ own: String, _ text: String = nodes, isOK: Bool = true, link: String = "up"
    ) throws -> ClusterView {
        let lines = text.split(separator: "\n").map { line in
            let text = line.hasPrefix(own) ? line.replacing("master", with: "myself,master") : line[...]
            return line.hasPrefix(own) ? String(text.replacing("slave", with: "myself,slave")) : String(line)
        }
        return try #require(
            ClusterView(
                nodes: lines.joined(separator: "\n"), cluster: "cluster_state:\(isOK ? "ok" : "fail")\r\n",
                replication: "role:slave\r\nmaster_link_status:\(link)\r\n"))
    }

    static func survey(_ views: [String: ClusterView?]) -> ClusterSurvey {
        ClusterSurvey(
            answers: views.sorted { $0.key < $1.key }.map {
                ClusterSurvey.Answer(id: $0.key, name: "node \($0.key)", view: $0.value)
            })
    }

    @Test("A survey of a cluster reads the answers of nodes")
    func reads() throws {
        let view = try Self.view("c", link: "down")
        #expect(view.own.id == "c" && view.own.master == "a" && !view.own.isMaster)
        #expect(view.isOK && !view.isInStep)
        let a = try #require(view.nodes["a"])
        #expect(a.slots == [0...5, 7...7, 9...8191])
        #expect(a.epoch == 1 && a.isMaster && a.master == nil && a.hostname == "localhost")
        #expect(view.nodes["c"]?.hostname == nil)
        #expect(ClusterView(nodes: "nonsense", cluster: "", replication: "") == nil)
        #expect(ClusterView(nodes: "", cluster: "", replication: "") == nil)
    }

    @Test("A survey of a cluster takes roles and slots from each node's own answer")
    func roles() throws {
        let survey = Self.survey(["a": try Self.view("a"), "b": try Self.view("b"), "c": try Self.view("c")])
        #expect(survey.masters == ["a", "b"])
        #expect(survey.replicas(of: "a") == ["c"] && survey.replicas(of: "b").isEmpty)
        #expect(survey.owner(ofSlot: 5) == "a" && survey.owner(ofSlot: 6) == "b")
        #expect(survey.isServed && survey.isMasterToAll("a") && !survey.isMasterToAll("c"))
        #expect(survey.isReplicaToAll("c") && !survey.isReplicaToAll("a"))
        #expect(survey.fault() == nil)
        #expect(survey.fault(hasHostnames: true)?.message == "node a doesn't know the host name of node c.")
    }

    @Test("A survey of a cluster believes the one of two masters with the greater epoch")
    func epochs() throws {
        let promoted = Self.nodes.replacing("slave a 0 0 1 connected", with: "master - 0 0 3 connected 0-5")
        let survey = Self.survey(["a": try Self.view("a"), "c": try Self.view("c", promoted)])
        #expect(survey.owner(ofSlot: 0) == "c" && survey.owner(ofSlot: 7) == "a")
        #expect(survey.owner(ofSlot: 6) == nil && !survey.isServed)
        #expect(!survey.isMasterToAll("c"))
    }

    @Test("A survey of a cluster says what keeps a cluster from being settled")
    func faults() throws {
        let (a, b, c) = (try Self.view("a"), try Self.view("b"), try Self.view("c"))
        func fault(_ a: ClusterView?, _ b: ClusterView?, _ c: ClusterView?) -> String? {
            Self.survey(["a": a, "b": b, "c": c]).fault()?.message
        }
        #expect(fault(a, b, try Self.view("c", isOK: false)) == "node c doesn't serve.")
        #expect(fault(a, b, try Self.view("c", link: "down")) == "node c is not in step with its master.")
        #expect(fault(a, nil, c) == "node a waits for node b, which is down.")
        #expect(fault(a, b, nil) == nil)
        let unmet = Self.nodes.split(separator: "\n").dropLast().joined(separator: "\n")
        #expect(fault(a, try Self.view("b", unmet), c) == "node b doesn't know node c.")
        let doubtful = Self.nodes.replacing("slave a", with: "slave,fail? a")
        #expect(fault(a, try Self.view("b", doubtful), c) == "node b is in doubt about node c.")
        let old = Self.nodes.replacing("0-5 7", with: "0-7")
        #expect(fault(a, try Self.view("b", old), c) == "node b is not up to date about node a.")
        let stranger = Self.nodes + "d 127.0.0.1:4@14 master - 0 0 0 connected\n"
        #expect(fault(try Self.view("a", stranger), b, c) == "node a knows a node outside the cluster.")
        let unassigned = Self.nodes.replacing("8192-16383", with: "8192-16382")
        let views = try ["a", "b", "c"].map { try Self.view($0, unassigned) }
        #expect(fault(views[0], views[1], views[2]) == "Some slots have no master.")
    }
}
