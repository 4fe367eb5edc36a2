"""Prints the vectors that pin hashing and placement, from an implementation that shares no code with ours.

    python3 -m pip install xxhash && python3 Tests/CachesClusterTests/vectors.py

Change the printed values and you have moved every user's keys.
"""
import binascii
import bisect
import hashlib
import math
import re
import struct
import xxhash
import zlib

MASK = 2**64 - 1


def tag(key):
    start, stop = key.find(b"{"), -1
    if start >= 0:
        stop = key.find(b"}", start + 1)
    return key[start + 1 : stop] if stop > start + 1 else key


# Scores: the highest wins. -----------------------------------------------------------------------------------------

def rendezvous_score(key, identity, weight):
    x = xxhash.xxh64_intdigest(tag(key)) ^ xxhash.xxh64_intdigest(identity)
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ x >> 27) * 0x94D049BB133111EB & MASK
    x ^= x >> 31
    return weight / -math.log(((x >> 12) + 0.5) / 2**52)


def go_redis_score(key, identity, _):
    x = xxhash.xxh64_intdigest(tag(key)) ^ xxhash.xxh64_intdigest(identity)
    x ^= x >> 12
    x = (x ^ x << 25) & MASK
    x ^= x >> 27
    return x * 2685821657736338717 & MASK


def by_score(score):
    return lambda key, fleet: sorted(range(len(fleet)), key=lambda i: -score(key, *fleet[i]))


# Rings: points by hash, the first at or after the key wins. --------------------------------------------------------

def f32(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def continuum(fleet, rounds):
    total = f32(sum(weight for _, weight in fleet))
    points = {}
    for i, (name, weight) in enumerate(fleet):
        for k in range(rounds(f32(f32(weight) / total), len(fleet))):
            for point in struct.unpack("<4I", hashlib.md5(name + b"-%d" % k).digest()):
                points.setdefault(point, i)
    return points


def ketama_points(fleet):
    return continuum(fleet, lambda share, n: math.floor(f32(share * 40.0 * n)))


def twemproxy_points(fleet):
    return continuum(fleet, lambda share, n: math.floor(f32(f32(f32(f32(share * 160) / 4) * n) + 1e-10)))


def redis_rb_points(fleet):
    return {
        struct.unpack(">I", hashlib.md5(name + b":%d" % i).digest()[:4])[0]: n
        for n, (name, _) in enumerate(fleet)
        for i in range(160)
    }


def jedis_points(fleet):
    return {
        murmur(name + b"*%d" % i if name else b"SHARD-%d-NODE-%d" % (n, i)): n
        for n, (name, weight) in enumerate(fleet)
        for i in range(160 * weight)
    }


def md5_lane(key):
    return struct.unpack("<I", hashlib.md5(key).digest()[:4])[0]


def fnv1a(key):
    value = 0x84222325
    for byte in struct.unpack("%db" % len(key), key):
        value = ((value ^ (byte & 0xFFFFFFFF)) * 0x1B3) & 0xFFFFFFFF
    return value


def murmur(key):
    m = 0xC6A4A7935BD1E995
    value = 0x1234ABCD ^ (len(key) * m & MASK)
    whole = len(key) // 8 * 8
    for (k,) in struct.iter_unpack("<Q", key[:whole]):
        k = k * m & MASK
        k = (k ^ k >> 47) * m & MASK
        value = (value ^ k) * m & MASK
    if key[whole:]:
        value = (value ^ int.from_bytes(key[whole:], "little")) * m & MASK
    value = (value ^ value >> 47) * m & MASK
    value ^= value >> 47
    return value - 2**64 if value >= 2**63 else value


def ruby_tag(key):
    found = re.search(rb"^\{(.+?)\}", key, re.MULTILINE)
    return found.group(1) if found else key


def on_ring(points_of, hash_of, backward=False):
    def order(key, fleet):
        points = points_of(fleet)
        places = sorted(points)
        start = bisect.bisect_right(places, hash_of(key)) - 1 if backward else bisect.bisect_left(places, hash_of(key))
        step = -1 if backward else 1
        walk = [points[places[(start + step * i) % len(places)]] for i in range(len(places))]
        return list(dict.fromkeys(walk + list(range(len(fleet)))))

    return order


RULES = {
    "rendezvous": by_score(rendezvous_score),
    "ketama": on_ring(ketama_points, lambda key: md5_lane(tag(key))),
    "twemproxy": on_ring(twemproxy_points, lambda key: fnv1a(tag(key))),
    "go-redis": by_score(go_redis_score),
    "redis-rb": on_ring(redis_rb_points, lambda key: zlib.crc32(ruby_tag(key)), backward=True),
    "jedis": on_ring(jedis_points, lambda key: murmur(tag(key))),
}
FLEETS = {
    "one": [("only", 1)],
    "three": [("a", 1), ("b", 1), ("c", 1)],
    "addresses": [(f"10.0.0.{i}:6379/0", 1) for i in range(1, 9)],
    "weighted": [("large", 10), ("medium", 2.5), ("small", 1)],
    "named": [("[::1]:6379/2", 0.5), ("käse", 3), ("sessions/a", 1), ("sessions/b", 1)],
    "whole": [("large", 10), ("medium", 3), ("small", 1)],
    "pointless": [("none", 1), ("some", 20), ("most", 2000)],
    "nameless": [("", 1), ("", 1), ("", 2)],
}
KEYS = [f"user.{i}" for i in range(14)] + ["", "{user.1}.mail", "{}", "a{}{b}", "schlüssel", "long." * 20]
KEYS += ["a\n{b}c", "{}}c", "{b\n}c"]
PEERS = [
    (rule, fleet)
    for rule in list(RULES)[1:]
    for fleet in ["one", "three", "addresses"] + (["whole", "pointless"] if rule in ("ketama", "twemproxy") else [])
] + [("jedis", "whole"), ("jedis", "nameless")]


def orders(rule, fleet, keys):
    nodes = [(name.encode(), weight) for name, weight in FLEETS[fleet]]
    print(rule, fleet, '"' + " ".join("".join(map(str, RULES[rule](key.encode(), nodes))) for key in keys) + '"')


def ketama_whole(count):
    """The test of RJ ketama: an MD5 of "hash point server" for the keys "0" … """
    weights = (600, 300, 200, 350, 1000, 800, 950, 100)
    fleet = [(b"10.0.1.%d:11211" % i, weight) for i, weight in enumerate(weights, 1)]
    points = ketama_points(fleet)
    places = sorted(points)
    digest = hashlib.md5(b"\n")
    for key in range(count):
        value = md5_lane(b"%d" % key)
        point = places[bisect.bisect_left(places, value) % len(places)]
        digest.update(b"%d %d %s\n" % (value, point, fleet[points[point]][0]))
    return digest.hexdigest()


def data(count):
    return bytes((31 * i + 7) % 256 for i in range(count))


print("// xxHash64 of the first n of the bytes (31 i + 7) mod 256, for n = 0 … 100.")
for n in range(101):
    print(f"0x{xxhash.xxh64_intdigest(data(n)):016x},")
print("// The other hashes of the same bytes for n = 0 … 199: the sum of (n + 1) · hash modulo 2^64, of MD5's lanes too.")
for name, value in {
    "MD5": lambda text: sum(struct.unpack("<4I", hashlib.md5(text).digest())),
    "CRC32": zlib.crc32,
    "CRC16": lambda text: binascii.crc_hqx(text, 0),
    "FNV1a": fnv1a,
    "Murmur2": lambda text: murmur(text) & MASK,
}.items():
    print(name, sum((n + 1) * value(data(n)) for n in range(200)) & MASK)
print("// For each fleet and key: the nodes by falling score, as positions in the fleet.")
for fleet in list(FLEETS)[:5]:
    orders("rendezvous", fleet, KEYS[:20])
print("// The same for the placements of other clients.")
for rule, fleet in PEERS:
    orders(rule, fleet, KEYS)
print("ketama, 20 000 keys:", ketama_whole(20_000))
print("ketama, 1 000 000 keys:", ketama_whole(1_000_000))
