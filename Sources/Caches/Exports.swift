// The types of the layers below that users name: pools, connection names, errors, bytes. `import Caches` is
// enough for them.
//
// All other public types stay out of a program's sight. Beside SwiftNIO, `EventLoop`, `TLSConfiguration` and
// `Certificate` would be ambiguous. A program that needs one imports CachesCluster or CachesTransport.
// Tests/ImportTests names every type of this list in a file that imports SwiftNIO and Hummingbird too.
@_exported public import struct CachesCluster.AddressMap
@_exported public import class CachesCluster.CachePool
@_exported public import struct CachesCluster.ClearProgress
@_exported public import struct CachesCluster.ClearReport
@_exported public import struct CachesCluster.ConnectionName
@_exported public import enum CachesCluster.Deployment
@_exported public import struct CachesCluster.Glob
@_exported public import struct CachesCluster.HandOver
@_exported public import struct CachesCluster.HealthConfiguration
@_exported public import struct CachesCluster.KeyExplanation
@_exported public import struct CachesCluster.KeySequence
@_exported public import class CachesCluster.Node
@_exported public import struct CachesCluster.NodeConfiguration
@_exported public import struct CachesCluster.NodeCounters
@_exported public import struct CachesCluster.NodeEvent
@_exported public import struct CachesCluster.NodeFailures
@_exported public import enum CachesCluster.NodeHealth
@_exported public import struct CachesCluster.OutagePolicy
@_exported public import enum CachesCluster.PlacementRule
@_exported public import struct CachesCluster.PoolConfiguration
@_exported public import struct CachesCluster.RebalanceReport
@_exported public import protocol CachesCluster.ReplySource
@_exported public import struct CachesCluster.SentinelConfiguration
@_exported public import enum CachesCluster.TimeLeft
@_exported public import typealias CachesTransport.Bytes
@_exported public import struct CachesTransport.CachesError
@_exported public import struct CachesTransport.ConnectionConfiguration
@_exported public import struct CachesTransport.Credentials
@_exported public import struct CachesTransport.CredentialsProvider
@_exported public import struct CachesTransport.Deadline
@_exported public import enum CachesTransport.Endpoint
@_exported public import enum CachesTransport.Reply
@_exported public import struct CachesTransport.ReplyArray
@_exported public import struct CachesTransport.Secret
@_exported public import struct CachesTransport.ServerError
