"""Prints the vectors that pin hashing and placement, from an implementation that shares no code with ours.

    python3 -m pip install xxhash && python3 Tests/CachesClusterTests/vectors.py

Change the printed values and you have moved every user's keys.
"""
import math
import xxhash

MASK = 2**64 - 1


def tag(key):
    start, stop = key.find(b"{"), -1
    if start >= 0:
        stop = key.find(b"}", start + 1)
    return key[start + 1 : stop] if stop > start + 1 else key


def score(key, identity, weight):
    x = xxhash.xxh64_intdigest(tag(key)) ^ xxhash.xxh64_intdigest(identity)
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ x >> 27) * 0x94D049BB133111EB & MASK
    x ^= x >> 31
    return weight / -math.log(((x >> 12) + 0.5) / 2**52)


def order(key, fleet):
    names = sorted(fleet)
    return sorted(names, key=lambda name: -score(key.encode(), name.encode(), fleet[name]))


FLEETS = {
    "one": {"only": 1},
    "three": {"a": 1, "b": 1, "c": 1},
    "addresses": {f"10.0.0.{i}:6379/0": 1 for i in range(1, 9)},
    "weighted": {"small": 1, "medium": 2.5, "large": 10},
    "named": {"sessions/a": 1, "sessions/b": 1, "käse": 3, "[::1]:6379/2": 0.5},
}
KEYS = [f"user.{i}" for i in range(14)] + ["", "{user.1}.mail", "{}", "a{}{b}", "schlüssel", "long." * 20]

print("// xxHash64 of the first n of the bytes (31 i + 7) mod 256, for n = 0 … 100.")
for n in range(101):
    print(f"0x{xxhash.xxh64_intdigest(bytes((31 * i + 7) % 256 for i in range(n))):016x},")
print("// For each fleet and key: the nodes by falling score, as positions in the fleet's sorted names.")
for label, fleet in FLEETS.items():
    names = sorted(fleet)
    orders = ["".join(str(names.index(name)) for name in order(key, fleet)) for key in KEYS]
    print(label, '"' + " ".join(orders) + '"')
