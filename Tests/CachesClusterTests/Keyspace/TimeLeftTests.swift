import CachesTransport
import Testing

@testable import CachesCluster

@Suite struct TimeLeftTests {
    @Test(
        "A time left is read from the reply of PTTL",
        arguments: [
            (-2, .missing), (-1, .forever), (0, .time(.zero)), (1500, .time(.milliseconds(1500))),
        ] as [(Int, TimeLeft)])
    func answers(milliseconds: Int, expected: TimeLeft) throws {
        #expect(try TimeLeft(.integer(Int64(milliseconds)), from: NodeName("a")) == expected)
    }

    @Test(
        "A time left is printed in its two largest units, and never as more than it is",
        arguments: [
            (.missing, "missing"), (.forever, "forever"), (.time(.zero), "0 ms"),
            (.time(.milliseconds(999)), "999 ms"), (.time(.milliseconds(59_999)), "59 s"),
            (.time(.seconds(60)), "1 min"), (.time(.seconds(3599)), "59 min 59 s"),
            (.time(.seconds(3601)), "1 h"), (.time(.seconds(7199)), "1 h 59 min"),
            (.time(.seconds(86_400 + 3599)), "1 d"), (.time(.seconds(3 * 86_400 + 4 * 3600)), "3 d 4 h"),
            (.time(.seconds(400 * 86_400)), "400 d"),
        ] as [(TimeLeft, String)])
    func text(left: TimeLeft, expected: String) { #expect("\(left)" == expected) }
}
