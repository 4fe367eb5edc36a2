/// Keeps the results of a function in caches of a class: what has been computed is then read.
///
/// ```swift
/// @Cached(UserCache.self)
/// func user(id: Int) async throws -> User { try await database.user(id) }
///
/// try await user(id: 42)             // computed, and stored at user.42
/// try await user(id: 42)             // read
/// try await UserCache(42).clear()    // forgotten
/// ```
///
/// The body becomes the computation of a ``Cache/fetch(ttl:unless:_:)``, and its documentation applies to
/// the function: an error is thrown and not stored; a cache that is out is bypassed. It runs where it ran
/// before: on its actor, with its `self`.
///
/// The function can be free, a method, static, of an actor, generic. It is `async throws`, since it may wait
/// for a server. It can't have parameters that are `inout`, `borrowing` or `consuming`, because they can't be
/// used in the closure that its body becomes.
///
/// **The key** is made of every parameter, in order, except an `isolated` one. Each has to be a ``KeyPart``:
/// where a parameter's type is not, the compiler says in its line that `CacheKey.part` requires it. Anything
/// else that the result depends on, including `self` and the function's own name, is not part of the key:
/// give each function a class or a prefix of its own, or a template.
///
/// **A template** lists the parts of the key:
///
/// ```swift
/// @Cached(AvatarCache.self, key: "{self.region}.{user.id}.size-{size}")
/// func avatar(of user: User, size: Int, log: Logger) async throws -> [UInt8] { … }
/// ```
///
/// - The parts of the key stand between dots. Each is escaped by itself, so that a dot in an argument makes
///   no new part, and different arguments make different keys.
/// - `{size}` is a parameter, by the name that it has in the body. `{user.id}` is a property of one, and
///   `{self.region}` of what the method belongs to. It has to be a ``KeyPart``.
/// - Everything else is text. `{{` and `}}` are braces: in `{{{user.id}}}.{size}` the first part is a hash
///   tag.
/// - A part holds one value at most: `{a}-{b}` would be the same for `("x-y", "z")` and `("x", "y-z")`.
///
/// A template that names something other than a parameter, or can't be read, is an error when the program is
/// compiled. Anything that it does not name is not part of the key: `key: "avatar"` is one key for all
/// arguments. All keys begin with `prefix`.
///
/// A computed property has the same with ``Cache/fetch(ttl:unless:_:)`` in its getter, which no macro can
/// write:
///
/// ```swift
/// var settings: Settings {
///     get async throws { try await SettingsCache(id).fetch { try await loadSettings() } }
/// }
/// ```
///
/// - Parameters:
///   - cache: The class, of what the function returns: `UserCache.self`.
///   - key: A template, as a literal. nil: every parameter.
///   - prefix: The start of the keys. nil: as the class says.
///   - ttl: How long results are kept. nil: as the class says.
///   - isUnwanted: Whether a result is returned without being kept: `unless: \.isEmpty`. nil: never.
@attached(body)
public macro Cached<Value>(
    _ cache: Cache<Value>.Type, key: StaticString? = nil, prefix: String? = nil, ttl: TTL? = nil,
    unless isUnwanted: ((Value) -> Bool)? = nil
) = #externalMacro(module: "CachesMacrosPlugin", type: "CachedMacro")
