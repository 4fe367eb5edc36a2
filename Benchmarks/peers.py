"""Measures a client for Python: peers.py redis-py|valkey-glide PORT get|batch|many OPERATIONS."""

import json
import resource
import sys
import time

client_name, port, work, operations = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
keys = ["profile.%d" % (10_000_000 + number) for number in range(1000)]

if client_name == "redis-py":
    import hiredis  # noqa: F401: redis-py uses it if it is there; without it the figures mean something else
    import redis

    client = redis.Redis(port=port)
    pipeline = lambda: client.pipeline(transaction=False)  # noqa: E731
    execute = lambda batch: batch.execute()  # noqa: E731
else:
    from glide_sync import Batch, GlideClient, GlideClientConfiguration, NodeAddress

    client = GlideClient.create(GlideClientConfiguration([NodeAddress("127.0.0.1", port)]))
    pipeline = lambda: Batch(is_atomic=False)  # noqa: E731
    execute = lambda batch: client.exec(batch, raise_on_error=True)  # noqa: E731


def get(number):
    assert client.get(keys[number % 1000]) is not None


def batch(number):
    some = pipeline()
    for key in keys[:100]:
        some.get(key)
    assert len(execute(some)) == 100


def many(number):
    assert len(client.mget(keys[:100])) == 100


operation = {"get": get, "batch": batch, "many": many}[work]


def processor():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


for number in range(max(1, operations // 10)):
    operation(number)
nanoseconds = []
before, start = processor(), time.perf_counter()
for number in range(operations):
    if number % 16:
        operation(number)
        continue
    began = time.perf_counter_ns()
    operation(number)
    nanoseconds.append(time.perf_counter_ns() - began)
seconds, spent = time.perf_counter() - start, processor() - before
print(
    json.dumps(
        {
            "operations": operations * (100 if work == "batch" else 1),
            "seconds": seconds,
            "processorMicroseconds": spent * 1e6,
            "nanoseconds": nanoseconds,
            "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        }
    )
)
