extension HostileServer {
    /// A kind of lie. Each is told at random, in very many ways.
    public enum Lie: String, Hashable, Sendable, CaseIterable {
        /// The truth with other numbers: up to ±2⁶³ and beyond, fractions, infinity, none at all.
        case numbers
        /// The truth with other lengths: negative, huge, one too few or too many.
        case lengths
        /// The truth with other types: a string where a number is due, an array in place of a text, null.
        case types
        /// The truth with some bits turned.
        case bits
        /// The truth up to some byte, and then the end of the connection.
        case truncation
        /// The truth with a part of it, or all of it, again.
        case repetition
        /// The truth with its parts in another order, or without some.
        case order
        /// The truth, or an error, with texts that harm terminals and logs: control characters, line ends,
        /// wrong UTF-8, marks that turn the direction of writing.
        case texts
        /// An error that quotes the client's command, as servers do with unknown commands.
        case quotation
        /// An error of a name that clients know, in the wrong place.
        case errors
        /// Types that only RESP3 has: maps, sets, doubles, attributes, pushes.
        case resp3
        /// More than one reply to one command.
        case surplus
        /// `MOVED` and `ASK`, to itself, to others, to nowhere.
        case redirections
        /// The length of something huge, and little of it.
        case announcements
        /// Arrays inside each other, too many to be read.
        case nesting
        /// A line, an array or a string of many MiB.
        case floods
        /// Random bytes.
        case noise
        /// No answer.
        case silence
        /// The end of the connection.
        case endings
        /// The truth, a few bytes a second.
        case slowness
    }
}

extension HostileServer.Lie {
    /// A lie of this kind.
    ///
    /// - Parameter command: The command, with the truth about it.
    public func answer(
        to command: HostileServer.Command, using generator: inout some RandomNumberGenerator
    ) -> HostileServer.Answer {
        var mutation = ReplyMutation(generator: generator)
        defer { generator = mutation.generator }
        return mutation.answer(self, to: command)
    }
}
