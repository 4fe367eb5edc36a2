import CachesTesting

/// The transports to a server, for tests that hold on each of them.
package let everyTransport: [LocalServer.Transport] = [.tcp, .unix, .tls()]
