# Finds the declarations and their places.
#
# A place is a folder of a target, such as "CachesCluster/Node".
# typePlace["CachesCluster", "CurrentConnection"]: where a type is declared; a nested type has its path,
# "HandOver.Stage".
# memberPlaces["CachesCluster", "leave"]: where members of that name are declared, with spaces around each.
# staticPlaces: the same, for members that belong to a type itself: cases, static members and types.
# typeMemberPlaces["CachesCluster", "Node", "leave"]: the same, for the members of one type.
# globalPlaces["CachesTesting", "withLocalFleet"]: the same, for functions and variables by themselves.
# surroundings[i]: for each token the types around it, outermost first, with spaces around each.
# isDeclaration[i]: the token is the name in a declaration.
# isPrivateMember[file, name]: a type has a member of that name that only the file can use.
# isLocal[file, name]: the file has a parameter, a variable or a private declaration of that name.

function isName(text) { return text ~ /^[A-Za-z_]/ }

function isTypeKeyword(text) { return text ~ /^(class|struct|enum|actor|protocol|extension)$/ }

# Whether only its file can use the declaration that begins at a token.
function isPrivate(i,    j) {
    for (j = i - 1; isModifier(j); j--) if (token[j] ~ /^(private|fileprivate)$/) return token[j + 1] != "("
    return 0
}

function isStatic(i,    j) {
    for (j = i - 1; isModifier(j); j--) if (token[j] ~ /^(static|class)$/) return 1
    return 0
}

function isModifier(j) {
    return j >= fileStart && token[j] ~ /^(private|fileprivate|public|package|internal|open|final|static|class|indirect|nonisolated|unsafe|mutating|borrowing|consuming|override|convenience|required|weak|unowned|lazy|set|isolated|preconcurrency|inlinable|usableFromInline|inline|__always|never|safe|discardableResult|Sendable|escaping|TaskLocal|[(),@])$/
}

function add(places, key, place) {
    if (index(places[key], " " place " ") == 0) places[key] = (places[key] == "" ? " " : places[key]) place " "
}

function declareMember(i, type, hidden, ofType) {
    isDeclaration[i] = 1
    if (hidden) { isLocal[file, token[i]] = isPrivateMember[file, token[i]] = 1; return }
    if (ofType) add(staticPlaces, target SUBSEP token[i], place)
    else add(memberPlaces, target SUBSEP token[i], place)
    add(typeMemberPlaces, target SUBSEP type SUBSEP token[i], place)
}

function declareType(i, path, hidden) {
    isDeclaration[i] = 1
    if (hidden) { privateType[file, path] = 1; return }
    typePlace[target, path] = place
    if (index(path, ".")) {
        # The type is also a member of the type around it, even if an extension elsewhere declares it.
        add(staticPlaces, target SUBSEP token[i], place)
        add(typeMemberPlaces, target SUBSEP outerPath(path) SUBSEP token[i], place)
    }
}

function outerPath(path) { sub(/\.[^.]*$/, "", path); return path }

# The cases that begin after `case`: `a(Int), b = 2, c`.
function declareCases(i, type, hidden,    open) {
    for (i++; isName(token[i]); i++) {
        declareMember(i, type, hidden, 1)
        if (token[i + 1] == "(") {
            open = 0
            do { i++; open += (token[i] == "(") - (token[i] == ")") } while (open > 0 && i < tokens)
        }
        if (token[i + 1] == "=") i += token[i + 2] == "-" ? 3 : 2
        if (token[i + 1] != ",") return
        i++
    }
}

# The labels of a tuple, which are members of it: `var down: (since: Instant, last: Instant)?`.
function declareLabels(i,    open) {
    if (token[i] != ":" || token[i + 1] != "(") return
    for (i++; i <= tokens; i++) {
        open += (token[i] == "(") - (token[i] == ")")
        if (open == 0) return
        if (isName(token[i]) && token[i + 1] == ":") add(memberPlaces, target SUBSEP token[i], place)
    }
}

# The scopes around the present token, innermost last: scopeKind is "type" or "body".
function declarations(from, to,    i, level, pending, path, hidden, pendingHidden, name, kind, around) {
    level = 0
    scopePath[0] = ""
    scopeTypes[0] = " "
    scopeKind[0] = "file"
    scopeHidden[0] = 0
    fileStart = from
    for (i = from; i <= to; i++) {
        surroundings[i] = scopeTypes[level]
        name = token[i]
        if (name == "{") {
            level++
            if (pending != "") {
                scopeKind[level] = "type"
                scopePath[level] = pending
                scopeTypes[level] = scopeTypes[level - 1] pending " "
                scopeHidden[level] = pendingHidden
                pending = ""
            } else {
                scopeKind[level] = "body"
                scopePath[level] = scopePath[level - 1]
                scopeTypes[level] = scopeTypes[level - 1]
                scopeHidden[level] = scopeHidden[level - 1]
            }
        } else if (name == "}") {
            if (level > 0) level--
        } else if (token[i - 1] == "." && i > from) {
            continue
        } else if (name == "import") {
            # `import struct Caches.TTL` declares nothing here.
            if (isTypeKeyword(token[i + 1]) || token[i + 1] ~ /^(typealias|func|var|let)$/) i += 2
        } else if (isTypeKeyword(name) && (isName(token[i + 1]) || token[i + 1] == "[") \
            && token[i + 1] !~ /^(func|var|let|subscript|init|override)$/ && token[i + 1] != ":") {
            hidden = isPrivate(i) || scopeHidden[level]
            pendingHidden = hidden
            if (name == "extension") {
                pending = token[i + 1] == "[" ? "Array" : token[i + 1]
                while (token[i + 2] == "." && isName(token[i + 3])) { pending = pending "." token[i + 3]; i += 2 }
                if (i + 1 <= to) surroundings[i + 1] = scopeTypes[level]
            } else {
                pending = scopeKind[level] == "type" ? scopePath[level] "." token[i + 1] : token[i + 1]
                declareType(i + 1, pending, hidden || scopeKind[level] == "body")
            }
        } else if (name ~ /^(typealias|associatedtype)$/) {
            path = scopeKind[level] == "type" ? scopePath[level] "." token[i + 1] : token[i + 1]
            declareType(i + 1, path, isPrivate(i) || scopeHidden[level] || scopeKind[level] == "body")
        } else if (name ~ /^(func|var|let)$/ && isName(token[i + 1])) {
            hidden = isPrivate(i) || scopeHidden[level]
            if (scopeKind[level] == "type") {
                declareMember(i + 1, scopePath[level], hidden, isStatic(i))
                declareLabels(i + 2)
            }
            else {
                isDeclaration[i + 1] = 1
                if (scopeKind[level] == "file" && !hidden)
                    add(globalPlaces, target SUBSEP token[i + 1], place)
                else isLocal[file, token[i + 1]] = 1
            }
        } else if (name == "case" && scopeKind[level] == "type") {
            declareCases(i, scopePath[level], scopeHidden[level])
        } else if (isName(name) && !isDeclaration[i]) {
            # A parameter, or a name that a pattern or a closure binds.
            if (token[i + 1] == ":" || token[i + 1] == "in" || token[i - 1] ~ /^(let|var|for)$/) isLocal[file, name] = 1
            else if (token[i - 1] ~ /^[({,]$/ && token[i + 1] ~ /^[,)]$/ && isBinding(i)) isLocal[file, name] = 1
        }
    }
}

# Whether a name in a list is being bound: `let (a, b)`, `for (a, b) in`, `{ a, b in`.
function isBinding(i,    j) {
    for (j = i; j < i + 12; j++) {
        if (token[j] == "in") return 1
        if (!isName(token[j]) && token[j] !~ /^[,()]$/) break
    }
    for (j = i; j > i - 12 && j > 0; j--) {
        if (token[j] ~ /^(let|var|for)$/) return 1
        if (!isName(token[j]) && token[j] !~ /^[,()]$/) break
    }
    return 0
}
