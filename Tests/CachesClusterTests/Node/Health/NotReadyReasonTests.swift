import CachesTransport
import Testing

@testable import CachesCluster

@Suite struct NotReadyReasonTests {
    @Test(
        "A server that says it can't serve is understood, and one that refuses a command is not mistaken for it",
        arguments: [
            ("LOADING Redis is loading the dataset in memory", .loading),
            ("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", .masterDown),
            ("READONLY You can't write against a read only replica.", .readOnly),
            ("NOAUTH Authentication required.", .unauthenticated),
            ("BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.", .busy),
            ("BUSYGROUP Consumer Group name already exists", nil),
            ("NOPERM User u has no permissions to run the 'get' command", nil),
            ("WRONGPASS invalid username-password pair or user is disabled.", nil),
            ("WRONGTYPE Operation against a key holding the wrong kind of value", nil),
            ("ERR LOADING is no option", nil),
            ("OOM command not allowed when used memory > 'maxmemory'.", nil),
        ] as [(String, NotReadyReason?)])
    func understood(answer: String, expected: NotReadyReason?) {
        let error = ServerError(answer)
        #expect(NotReadyReason(error.name) == expected)
        #expect(NotReadyReason(error.error(node: "a")) == expected)
    }
}
