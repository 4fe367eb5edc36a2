extension Node: CustomStringConvertible {
    /// The name and the address, and the health unless it is healthy: `a at 10.0.0.1:6379`, `b at
    /// 10.0.0.2:6379 (ejected)`.
    public var description: String {
        let health = health
        return configuration.nameAndPlace + (health == .healthy ? "" : " (\(health))")
    }
}
