import Testing

@testable import CachesTransport

@Suite("Errors that leave scripts, as Redis before 7 words them")
struct ScriptErrorTests {
    private static let hash = "f_4f8b3e4c9b1a2d3e4f5061728394a5b6c7d8e9f0"

    @Test(
        "The code is that of the error that the script met",
        arguments: [
            (
                "ERR Error running script (call to \(hash)): @user_script:42: @user_script: 42: -READONLY You can't write against a read only replica. ",
                "READONLY", "READONLY You can't write against a read only replica."
            ),
            (
                "ERR Error running script (call to \(hash)): @user_script:1: WRONGTYPE Operation against a key holding the wrong kind of value ",
                "WRONGTYPE", "WRONGTYPE Operation against a key holding the wrong kind of value"
            ),
            (
                "@user_script: 1: -OOM command not allowed when used memory > 'maxmemory'.", "OOM",
                "OOM command not allowed when used memory > 'maxmemory'."
            ),
            (
                "ERR Error running script (call to \(hash)): @user_script:3: ERR value is not an integer or out of range",
                "ERR", "ERR value is not an integer or out of range"
            ),
        ])
    func unwrapped(text: String, name: String, message: String) {
        let error = ServerError(text)
        #expect(error.name == name)
        #expect(error.message == message)
    }

    @Test(
        "An error of the script's own, and any other, stays as it is",
        arguments: [
            "ERR Error running script (call to \(hash)): @user_script:1: user_script:1: attempt to index a nil value",
            "ERR Error running script (call to \(hash)): @user_script:1: Script attempted to access a non local key in a cluster node",
            "ERR Error running script (call to ", "@user_script:", "@user_script: 1: ",
            "@user_script: x: -READONLY",
            "READONLY You can't write against a read only replica. script: 4f, on @user_script:1.", "ERR", "",
        ])
    func others(text: String) { #expect(ServerError(text).message == text) }
}
