/// A sound server's answers to the commands with which clients open a connection, and ask for the topology.
struct Courtesy {
    /// The commands that are answered here, not by the real server behind a hostile one.
    static let names: Set<String> = [
        "AUTH", "HELLO", "CLIENT", "SELECT", "READONLY", "READWRITE", "ASKING", "ROLE", "PING", "CLUSTER",
        "SENTINEL", "SUBSCRIBE", "UNSUBSCRIBE", "QUIT",
    ]

    let neighbours: Neighbours

    /// The whole reply; nil for any other command.
    func reply(to command: HostileServer.Command) -> WireReply? {
        guard Self.names.contains(command.name) else { return nil }
        let words = (0..<command.words.count).compactMap(command.text)
        let topic = words.count > 1 ? words[1].uppercased() : ""
        return switch command.name {
        case "PING": words.count > 1 ? .text(words[1]) : .status("PONG")
        case "HELLO": .error("NOPROTO unsupported protocol version")
        case "ROLE": .array([.text("master"), .integer(0), .array([])])
        case "CLIENT": client(topic)
        case "CLUSTER": cluster(topic)
        case "SENTINEL": sentinel(topic)
        case "SUBSCRIBE", "UNSUBSCRIBE":
            .array([
                .text(command.name.lowercased()), words.count > 1 ? .text(words[1]) : .null,
                .integer(command.name == "SUBSCRIBE" ? 1 : 0),
            ])
        default: .status("OK")
        }
    }

    private func client(_ topic: String) -> WireReply {
        switch topic {
        case "ID": .integer(1)
        case "GETNAME": .null
        case "LIST", "INFO":
            .text(
                "id=1 addr=127.0.0.1:1 laddr=127.0.0.1:\(neighbours.port) fd=8 name= db=0 age=0 idle=0 cmd=client\n"
            )
        default: .status("OK")
        }
    }

    private func cluster(_ topic: String) -> WireReply {
        switch topic {
        case "SLOTS":
            .array(
                neighbours.members.enumerated().map { index, port in
                    let count = neighbours.members.count
                    return .array([
                        .integer(Int64(index * Self.slots / count)),
                        .integer(Int64((index + 1) * Self.slots / count - 1)),
                        .array([
                            .text("127.0.0.1"), .integer(Int64(port)), .text(Self.identity(of: port)),
                            .array([]),
                        ]),
                    ])
                })
        case "MYID": .text(Self.identity(of: neighbours.port))
        case "INFO": .text("cluster_state:ok\r\ncluster_slots_assigned:\(Self.slots)\r\n")
        default: .status("OK")
        }
    }

    private func sentinel(_ topic: String) -> WireReply {
        switch topic {
        case "MASTER":
            facts([
                "name": Neighbours.service, "ip": "127.0.0.1", "port": "\(neighbours.primary)",
                "flags": "master", "config-epoch": "0", "num-slaves": "0", "quorum": "1",
            ])
        case "GET-MASTER-ADDR-BY-NAME": .array([.text("127.0.0.1"), .text("\(neighbours.primary)")])
        case "REPLICAS", "SLAVES", "SENTINELS": .array([])
        case "MYID": .text(Self.identity(of: neighbours.port))
        default: .status("OK")
        }
    }

    private func facts(_ facts: KeyValuePairs<String, String>) -> WireReply {
        .array(facts.flatMap { [.text($0.key), .text($0.value)] })
    }

    private static let slots = 16_384

    /// Forty hexadecimal digits, as servers have them.
    private static func identity(of port: Int) -> String {
        let digits = String(port, radix: 16)
        return String(repeating: "0", count: 40 - digits.count) + digits
    }
}

/// The topology that a hostile server announces.
struct Neighbours: Sendable {
    /// Its own port.
    let port: Int
    /// The ports of the servers of its cluster, itself among them, in the order of their slots.
    var members: [Int]
    /// The port of the primary that it names as a Sentinel.
    var primary: Int

    /// The name of the primary.
    static let service = "mymaster"

    init(port: Int) {
        self.port = port
        members = [port]
        primary = port
    }
}
