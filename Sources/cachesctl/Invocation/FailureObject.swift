import CachesTransport

/// The reason of a failure as an object.
struct FailureObject: Encodable {
    var code: String
    var message: String
    var advice: String?

    init(_ error: CachesError) {
        code = error.code.description
        message = error.message
        advice = error.advice
    }

    enum CodingKeys: String, CodingKey { case code, message, advice }

    // Written out because the synthesised form leaves out nil values.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(code, forKey: .code)
        try container.encode(message, forKey: .message)
        try container.encode(advice, forKey: .advice)
    }
}
