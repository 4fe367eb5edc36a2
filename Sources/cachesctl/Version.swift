/// The release this tool belongs to. CHANGELOG.md opens with the same number.
let version = "0.1.0"
