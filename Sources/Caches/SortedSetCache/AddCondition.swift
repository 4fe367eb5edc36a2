/// Under which condition ``SortedSetCache/add(_:score:_:ttl:)`` writes an element's score.
///
/// These are all the combinations that `ZADD` takes (https://redis.io/docs/latest/commands/zadd/).
public struct AddCondition: Hashable, Sendable {
    /// The condition in the words of `ZADD`.
    let words: [String]

    /// It is written, whether the element is there or not.
    public static let always = AddCondition(words: [])

    /// Only if the element is not there: no score is changed.
    public static let ifAbsent = AddCondition(words: ["NX"])

    /// Only if the element is there: no element is added.
    public static let ifPresent = AddCondition(words: ["XX"])

    /// Unless the element is there with a score as great or greater: a high score.
    public static let ifGreater = AddCondition(words: ["GT"])

    /// Unless the element is there with a score as small or smaller: a best time.
    public static let ifLess = AddCondition(words: ["LT"])

    /// Only if the element is there with a smaller score.
    public static let ifPresentAndGreater = AddCondition(words: ["XX", "GT"])

    /// Only if the element is there with a greater score.
    public static let ifPresentAndLess = AddCondition(words: ["XX", "LT"])
}
