internal import CachesTransport

extension CachePool: CustomStringConvertible {
    /// The servers and deployments, in the order of the configuration: `a at 10.0.0.1:6379, b at
    /// 10.0.0.2:6379`; during a hand-over, those after it. For ``shared``, the error in the environment, if
    /// there is one. It asks no server.
    public var description: String {
        do {
            return try latestTopology().all.members.map(\.description).joined(separator: ", ")
        } catch {
            return "\(error)"
        }
    }
}

extension Member {
    fileprivate var description: String {
        switch self {
        case .node(let node): node.description
        case .sentinels(let group): group.node.description
        case .cluster(let cluster): cluster.configuration.nameAndPlace
        }
    }
}
