# Counts how often each folder uses every other.
#
# uses[from, to]: the number of uses. arrow[i]: the uses that point upwards; arrows: their number.

# Members that every type may have, or that types of the standard library have: their names are ambiguous.
function isCommon(name) {
    return name ~ /^(description|count|isEmpty|first|last|keys|values|map|contains|append|insert|remove|removeAll|get|add|load|store|exchange|wait|resume|down|random|notice|seconds|milliseconds)$/
}

# The place among several that a use at `place` means: the same, or one below it, if there is any; otherwise
# the lowest above. Empty if there is no place, or if several places below it are possible.
function meant(places,    list, count, i, best, below) {
    count = split(places, list, " ")
    for (i = 1; i <= count; i++) {
        if (list[i] == place) return place
        if (isAbove(list[i], place)) {
            if (best == "" || isAbove(best, list[i])) best = list[i]
        } else below = below == "" ? list[i] : "several"
    }
    if (below == "several") return ""
    return below != "" ? below : best
}

function isAbove(one, other) { return rank[one] > rank[other] }

function note(to, name, line) {
    if (to == "" || to == place) return
    uses[place, to]++
    if (!isAbove(to, place)) return
    arrows++
    arrow[arrows] = file ":" line ": " folderOf(place) " uses " name " of " folderOf(to)
}

# The path of the type that a name means at a token: nested in one of the types around it, or by itself.
function typePath(name, around,    list, count, i, path) {
    count = split(around, list, " ")
    for (i = count; i > 0; i--)
        for (path = list[i]; ; path = outerPath(path)) {
            if ((target, path "." name) in typePlace) return path "." name
            if ((file, path "." name) in privateType) return "private"
            if (index(path, ".") == 0) break
        }
    if ((file, name) in privateType) return "private"
    return (target, name) in typePlace ? name : ""
}

# The places of a member of the innermost type around a token that has it.
function memberPlacesAround(name, around,    list, count, i) {
    count = split(around, list, " ")
    for (i = count; i > 0; i--)
        if ((target, list[i], name) in typeMemberPlaces) return typeMemberPlaces[target, list[i], name]
    return ""
}

# The path of a type that ends at a token: Logger.Level.
function writtenPath(i,    path) {
    path = token[i]
    for (; token[i - 1] == "." && token[i - 2] ~ /^[A-Z]/; i -= 2) path = token[i - 2] "." path
    return path
}

# Whether a token ends a value that has the member that follows; otherwise the type is not written there.
function isOfValue(i) {
    if (token[i] ~ /^(return|case|in|where|else|try|await|throw|is|as|if|guard|default)$/) return 0
    return isName(token[i]) || token[i] ~ /^[])}?!>"0]$/
}

# Whether a target below has a member of that name.
function isMemberBelow(name,    list, count, i) {
    count = split(allDependencies(target), list, " ")
    for (i = 1; i <= count; i++) if ((list[i], name) in memberPlaces || (list[i], name) in staticPlaces) return 1
    return 0
}

function findUses(from, to,    i, name, path, places, isOfSelf) {
    for (i = from; i <= to; i++) {
        name = token[i]
        if (!isName(name) || isDeclaration[i]) continue
        isOfSelf = token[i - 1] == "." && token[i - 2] ~ /^[sS]elf$/
        if (token[i - 1] == "." && i > from && !isOfSelf) {
            if ((file, name) in isPrivateMember) continue
            # A member of a type that is written there. If the type is declared here, it was noted with the
            # type.
            if (token[i - 2] ~ /^[A-Z]/) places = typeMemberPlaces[target, writtenPath(i - 2), name]
            else places = isOfValue(i - 2) ? memberPlaces[target, name] : staticPlaces[target, name]
            if (places == "" || token[i - 2] !~ /^[A-Z]/ && (isCommon(name) || isMemberBelow(name))) continue
            note(meant(places), "." name, lineOf[i])
            continue
        }
        # The label of an argument.
        if (token[i + 1] == ":" && token[i - 1] ~ /^[(,]$/) continue
        path = typePath(name, surroundings[i])
        if (path == "private") continue
        if (path != "") {
            note(typePlace[target, path], path, lineOf[i])
            while (token[i + 1] == "." && (target, path "." token[i + 2]) in typePlace) {
                path = path "." token[i + 2]
                i += 2
                if (typePlace[target, path] != "") note(typePlace[target, path], path, lineOf[i])
            }
            if (token[i + 1] == "." && (target, path, token[i + 2]) in typeMemberPlaces) {
                note(meant(typeMemberPlaces[target, path, token[i + 2]]), path "." token[i + 2], lineOf[i + 2])
                i += 2
            }
            continue
        }
        if ((file, name) in isLocal && !isOfSelf) continue
        places = memberPlacesAround(name, surroundings[i])
        if (places == "") places = globalPlaces[target, name]
        if (places != "") note(meant(places), name, lineOf[i])
    }
}
