/// The kinds of work that are measured.
enum Work: Hashable, CaseIterable {
    /// Values of 64 bytes, one command for each operation, by so many tasks at once.
    case get(tasks: Int)
    case set(tasks: Int)
    /// 100 GETs that travel together; each of them is an operation.
    case batch
    /// The values of 100 keys at once, by 16 tasks; the hundred are one operation.
    case many
    /// Values of 100 KB, by 16 tasks.
    case large
    /// A cached function whose result is in the cache, by 64 tasks.
    case function

    static var allCases: [Work] {
        [
            .get(tasks: 1), .get(tasks: 64), .get(tasks: 512), .set(tasks: 64), .batch, .many, .large,
            .function,
        ]
    }

    static let keys = 1000
    static let largeKeys = 16
    static let firstKey = 10_000_000
    static let value = String(repeating: "v", count: 64)
    static let largeValue = String(repeating: "V", count: 100_000)

    var name: String {
        switch self {
        case .get(1): "GET, 1 task"
        case .get(let tasks): "GET, \(tasks) tasks"
        case .set(let tasks): "SET, \(tasks) tasks"
        case .batch: "batch of 100, per GET"
        case .many: "100 keys at once, 16 tasks"
        case .large: "GET of 100 KB, 16 tasks"
        case .function: "cached function, 64 tasks"
        }
    }

    /// How many tasks share the operations, which is also how deep hiredis pipelines.
    var tasks: Int {
        switch self {
        case .get(let tasks), .set(let tasks): tasks
        case .batch: 1
        case .many, .large: 16
        case .function: 64
        }
    }

    /// A first guess at the number of operations that take a few milliseconds.
    var fewOperations: Int {
        switch self {
        case .get(1): 300
        case .many, .large: 160
        default: 5120
        }
    }
}
