import CachesPlatform
import CachesTransport
import Testing

@testable import CachesCluster

/// The environment is the process's own and other tests read it: so the names here are this suite's alone,
/// and the suite is serialized.
@Suite(.serialized) struct ProcessEnvironmentTests {
    @Test("A variable of the process is found by its prefix, with all of its value")
    func read() throws {
        setenv("CACHESTEST_READ_A", "redis://h?db=1#a=b", 1)
        setenv("CACHESTEST_READ_B", "", 1)
        setenv("CACHESTEST_READ_C", "käse", 1)
        defer { for name in ["A", "B", "C"] { unsetenv("CACHESTEST_READ_\(name)") } }
        let variables = try ProcessEnvironment.variables(startingWith: "CACHESTEST_READ_")
        #expect(
            variables == [
                "CACHESTEST_READ_A": "redis://h?db=1#a=b", "CACHESTEST_READ_B": "",
                "CACHESTEST_READ_C": "käse",
            ])
        #expect(try ProcessEnvironment.variables(startingWith: "CACHESTEST_NONE").isEmpty)
    }

    @Test("A value that is not UTF-8 has an error that names the variable")
    func invalid() {
        let value: [CChar] = [0x61, -1, 0]
        setenv("CACHESTEST_INVALID", value, 1)
        defer { unsetenv("CACHESTEST_INVALID") }
        let error = #expect(throws: CachesError.self) {
            try ProcessEnvironment.variables(startingWith: "CACHESTEST_INVALID")
        }
        #expect(error?.message == "CACHESTEST_INVALID: the value is not UTF-8.")
    }
}
