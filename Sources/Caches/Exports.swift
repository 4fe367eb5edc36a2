// A cache class is written in the words of the floors below: pools, connection names, errors, bytes. Whoever
// imports Caches needs them all, and should not have to know on which floor each of them lives.
@_exported import CachesCluster
@_exported import CachesTransport
