import Caches

extension Operation {
    /// The operations of pools and nodes.
    static let pools: [Operation] = [
        Operation("CachePool.batch(deadline:_:)") { subject in
            _ = try await subject.pool.batch(deadline: .milliseconds(400)) { batch in
                (
                    batch.get(subject.value), batch.add(subject.limit.consuming()),
                    batch.add(subject.sortedSet.copying())
                )
            }
        },
        Operation("CachePool.batch(deadline:_:)") { subject in
            _ = try await subject.pool.batch(deadline: .milliseconds(400)) { batch in
                subject.texts.map { batch.add(subject.dictionary.getting($0)) }
            }
        },
        Operation("CachePool.batchResults(deadline:_:)") { subject in
            _ = try await subject.pool.batchResults(deadline: .milliseconds(400)) { batch in
                (batch.get(subject.value), batch.add(subject.sortedSet.copying()))
            }
        },
        Operation("CachePool.batchResults(deadline:_:)") { subject in
            _ = try await subject.pool.batchResults(deadline: .milliseconds(400)) { batch in
                subject.texts.map { batch.add(subject.dictionary.getting($0)) }
            }
        },
        Operation("CacheOperation.run()") { _ = try await $0.set.copying().run() },
        Operation("CachePool.transaction(deadline:_:)") { subject in
            let cache = subject.dictionary
            _ = try await subject.pool.transaction { batch in
                (batch.add(cache.setting("a", to: "1")), batch.add(cache.copying()), batch.timeLeft(cache))
            }
        },
        .long("CachePool.clear(matching:connection:batchSize:deadline:progress:)") { subject in
            let report = try await subject.pool.clear(
                matching: subject.isTrue ? .everything : "fuzz.*", batchSize: 1 + subject.below(1000)
            ) { _ = $0.removed }
            for outcome in report.nodes { if let error = outcome.error { subject.judge.read(error) } }
            _ = try report.get()
        },
        .long("CachePool.rebalance(from:matching:connection:maximumRate:isTrial:deadline:progress:)") {
            subject in
            let report = try await subject.pool.rebalance(
                from: PoolConfiguration(dsns: subject.stage.dsns.reversed() + [subject.stage.spare]),
                maximumRate: subject.chance(20) ? 1000 : nil, isTrial: subject.isTrue,
                deadline: .milliseconds(400)
            ) { _ in }
            for outcome in report.nodes { if let error = outcome.error { subject.judge.read(error) } }
        },
        .long("CachePool.keys(matching:connection:batchSize:deadline:)") { subject in
            var keys = subject.pool.keys(matching: "*", batchSize: 1 + subject.below(100)).makeAsyncIterator()
            var count = 0
            while count < 200, try await keys.next() != nil { count += 1 }
            for failure in keys.failures { subject.judge.read(failure) }
        },
        Operation("CachePool.explain(_:connection:deadline:)") { subject in
            subject.judge.read(lines: "\(try await subject.pool.explain("fuzz.v\(subject.below(3))"))")
        },
        Operation("CachePool.discover(connection:deadline:)") { try await $0.pool.discover() },
        Operation("CachePool.withExecutor(_:)") { subject in
            // The body may run on another thread, so it must not use the subject.
            let value = subject.value
            _ = try await subject.pool.withExecutor { try await value.get() }
        },
        Operation("CachePool.reconfigure(to:handOver:)", weight: 5) { subject in
            let dsns = subject.stage.dsns + (subject.isTrue ? [subject.stage.spare] : [])
            var configuration = try PoolConfiguration(dsns: dsns)
            subject.stage.adjust(&configuration)
            try subject.pool.reconfigure(
                to: configuration,
                handOver: subject.isTrue
                    ? nil : HandOver(notice: .milliseconds(20), window: .milliseconds(200)))
        },
        Operation("Node.send(_:deadline:)") { subject in
            for node in try subject.pool.nodes {
                let words = [
                    ["GET", "fuzz.v1"], ["INFO"], ["TIME"], ["DBSIZE"], ["LRANGE", "x", "0", "-1"],
                ]
                let chosen = words[subject.below(words.count)]
                _ = try await node.send(chosen[0], chosen.count > 1 ? chosen[1] : "server")
            }
        },
        Operation("Node.send(idempotent:forKey:deadline:_:)") { subject in
            let node = try subject.pool.node(for: "a")
            _ = try await node.send(idempotent: subject.isTrue, deadline: node.deadline()) { writer in
                writer.begin(1)
                writer.argument("PING")
            }
        },
        Operation("Node.pipeline(_:idempotent:forKey:deadline:_:)") { subject in
            let node = try subject.pool.node(for: "a")
            let count = 1 + subject.below(20)
            _ = try await node.pipeline(count, idempotent: subject.isTrue, deadline: node.deadline()) {
                writer in
                for _ in 0..<count {
                    writer.begin(2)
                    writer.argument("GET")
                    writer.argument("a")
                }
            }
        },
        Operation("CachePool.close(deadline:)", weight: 10) { subject in
            let pool = try subject.stage.anotherPool()
            _ = try? await ValueCache("v1", on: pool).get()
            await pool.close(deadline: .after(.milliseconds(400)))
        },
    ]
}
