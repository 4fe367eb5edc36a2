"""The Python package `caches` on the same server, for the tests that both understand each other's keys.

    CACHES_DSN=redis://127.0.0.1:6379 python peer.py write    # writes an example of each class
    CACHES_DSN=redis://127.0.0.1:6379 python peer.py read     # prints what each class reads, as JSON
"""

import json
import sys

from caches import Cache, DictCache, SentinelCache, SetCache, SortedSetCache

for cls in (Cache, DictCache, SetCache, SortedSetCache):
    cls.serialize = False


class Scores(SortedSetCache):
    def normalize_score(self, score):  # the original's own is int()
        return float(score)


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def write():
    Cache(["peer", "text"]).data = "grüße"
    Cache(["peer", "empty"]).data = ""
    Cache(["peer", 1]).data = 42
    Cache(["peer", "float"]).data = 1.5
    Cache(["peer", "hits"], ttl=100).increment(5)
    DictCache("peer", ttl=100).update({"name": "al", "age": "7", "": "empty"})
    SetCache("peer", ttl=100).update(["a", "b"])
    Scores("peer", ttl=100).update([(2.5, "b"), (-1, "a"), (float("inf"), "c")])
    bool(SentinelCache("peer"))


def read():
    scores = [[str(score), text(element)] for score, element in Scores("peer")]
    print(json.dumps({
        "text": text(Cache(["peer", "text"]).data),
        "empty": text(Cache(["peer", "empty"]).data),
        "number": int(Cache(["peer", 1])),
        "float": float(Cache(["peer", "float"])),
        "hits": int(Cache(["peer", "hits"])),
        "missing": Cache(["peer", "missing"]).data,
        "dictionary": {field: text(value) for field, value in DictCache("peer").items()},
        "set": sorted(text(element) for element in SetCache("peer")),
        "scores": scores,
        "sentinel": SentinelCache("peer").exists(),
    }))


{"write": write, "read": read}[sys.argv[1]]()
