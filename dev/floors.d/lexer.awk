# Makes tokens of Swift: identifiers and single other characters. A string is one quote, followed by the code
# of its interpolations, a number is 0, and comments are left out.
#
# token[i], lineOf[i]: the tokens of all files one after the other; tokens: their number.

# The contexts around the present place, innermost last: context[depth] is "code" or "string".
# parens[depth]: the number of open parentheses in code inside of an interpolation.
# quotes[depth]: the end of the string; hashes[depth]: the hashes that follow the backslash of an escape.

function startLexing() { depth = 1; context[1] = "code"; parens[1] = 0; comments = 0 }

function emit(text, line) { token[++tokens] = text; lineOf[tokens] = line }

function lex(s, line) {
    while (s != "") {
        if (comments > 0) s = afterComment(s)
        else if (context[depth] == "string") s = afterString(s)
        else s = afterCode(s, line)
    }
    # A string of one line ends with it.
    if (context[depth] == "string" && quotes[depth] !~ /"""/) depth--
}

# In a comment of several lines, which may have others inside.
function afterComment(s) {
    if (!match(s, /\/\*|\*\//)) return ""
    comments += substr(s, RSTART, 1) == "/" ? 1 : -1
    return substr(s, RSTART + 2)
}

function afterString(s,    escape) {
    if (!match(s, /["\\]/)) return ""
    s = substr(s, RSTART)
    if (index(s, quotes[depth]) == 1) {
        s = substr(s, length(quotes[depth]) + 1)
        depth--
        return s
    }
    escape = "\\" hashes[depth]
    if (index(s, escape "(") == 1) {
        s = substr(s, length(escape) + 2)
        context[++depth] = "code"
        parens[depth] = 1
        return s
    }
    # A quote that does not end the string, or an escape: `\"` and `\\` are two characters.
    return substr(s, index(s, escape) == 1 ? length(escape) + 2 : 2)
}

function afterCode(s, line,    first) {
    if (match(s, /^[ \t\r]+/)) return substr(s, RLENGTH + 1)
    if (match(s, /^[A-Za-z_][A-Za-z0-9_]*/)) {
        emit(substr(s, 1, RLENGTH), line)
        return substr(s, RLENGTH + 1)
    }
    if (match(s, /^[0-9][A-Za-z0-9_]*(\.[0-9][A-Za-z0-9_]*)?/)) { emit("0", line); return substr(s, RLENGTH + 1) }
    if (s ~ /^\/\//) return ""
    if (s ~ /^\/\*/) { comments = 1; return substr(s, 3) }
    if (match(s, /^#*"""/) || match(s, /^#*"/)) {
        first = substr(s, 1, RLENGTH)
        s = substr(s, RLENGTH + 1)
        emit("\"", line)
        context[++depth] = "string"
        hashes[depth] = first
        gsub(/"/, "", hashes[depth])
        quotes[depth] = substr(first, length(hashes[depth]) + 1) hashes[depth]
        return s
    }
    # A directive such as #if, or a macro, which this package does not declare.
    if (match(s, /^#[A-Za-z]+/)) return substr(s, RLENGTH + 1)
    # A range is not a use of a member.
    if (match(s, /^\.\.[.<]/)) { emit("..", line); return substr(s, 4) }
    # The pattern of a regular expression.
    if (match(s, /^\/[^ \/][^\/]*\//) && token[tokens] ~ /^[(,=:[{]$/) return substr(s, RLENGTH + 1)
    first = substr(s, 1, 1)
    if (first == "`") return substr(s, 2)
    if (depth > 1) {
        if (first == "(") parens[depth]++
        if (first == ")" && --parens[depth] == 0) { depth--; return substr(s, 2) }
    }
    emit(first, line)
    return substr(s, 2)
}
