# Reads Package.swift, "The house" of README.md and all sources, and reports the uses and the faults.

# MARK: The order

# rank[place]: the position of a folder in the list of its target. Files outside of folders are above all.
# targets, targetName[i]: the targets as README.md lists them. folders[target]: its folders, in order.

FILENAME == "Package.swift" { readPackage($0); next }

FILENAME == "README.md" {
    if ($0 ~ /^## /) inHouse = $0 == "## The house"
    if (!inHouse) next
    # "      CachesCluster/    many servers …", then, further in, the folders by their names.
    if (match($0, /^      [A-Za-z-]+\/ /)) {
        name = substr($0, 7, RLENGTH - 8)
        if (!(name in position)) { targetName[++targets] = name; position[name] = targets }
    } else if ($0 ~ /^          [A-Z][A-Za-z]*( [A-Z][A-Za-z]*)*$/ && name != "") {
        for (i = 1; i <= NF; i++) {
            rank[name "/" $i] = ++ranks
            folders[name] = folders[name] " " $i
        }
    } else name = ""
    next
}

function readPackage(line) {
    if (line ~ /^ *\.testTarget\(/) packageTarget = ""
    if (line ~ /^ *\.(target|executableTarget|systemLibrary|macro)\(/) packageTarget = "?"
    # A target that only tests use is in Tests, and is not listed in "The house".
    if (line ~ /path: "Tests\// && packageTarget != "") {
        delete packageOrder[packageTarget]
        delete dependencies[packageTarget]
        packageTarget = ""
    }
    gsub(/\.product\([^)]*\)/, "", line)
    if (packageTarget != "" && match(line, /name: "[^"]*"/)) {
        packageTarget = substr(line, RSTART + 7, RLENGTH - 8)
        packageOrder[packageTarget] = ++packageTargets
        dependencies[packageTarget] = " "
        sub(/name: "[^"]*"/, "", line)
        inDependencies = 0
    }
    if (line ~ /dependencies: \[/) { inDependencies = 1; sub(/.*dependencies: \[/, "", line) }
    if (!inDependencies || packageTarget == "" || packageTarget == "?") return
    while (match(line, /"[A-Za-z-]+"|\]/)) {
        if (substr(line, RSTART, 1) == "]") { inDependencies = 0; return }
        dependencies[packageTarget] = dependencies[packageTarget] substr(line, RSTART + 1, RLENGTH - 2) " "
        line = substr(line, RSTART + RLENGTH)
    }
}

# The targets that a target may use, directly or indirectly.
function allDependencies(target,    list, count, i, more) {
    if (target in dependenciesOf) return dependenciesOf[target]
    dependenciesOf[target] = dependencies[target]
    more = dependencies[target]
    count = split(dependencies[target], list, " ")
    for (i = 1; i <= count; i++) more = more " " allDependencies(list[i])
    return dependenciesOf[target] = more
}

function folderOf(place) { return substr(place, index(place, "/") + 1) }

# MARK: The sources

FNR == 1 {
    startLexing()
    files++
    fileName[files] = FILENAME
    fileStartToken[files] = tokens + 1
}

{ lex($0, FNR) }

function enter(number,    parts, count) {
    file = fileName[number]
    count = split(file, parts, "/")
    target = parts[2]
    place = target "/" (count > 3 ? parts[3] : ".")
}

function endOf(number) { return number < files ? fileStartToken[number + 1] - 1 : tokens }

# MARK: The verdict

function fault(text) { print "floors: " text > "/dev/stderr"; faults++ }

END {
    # A file name with underscores becomes a module name.
    for (i = 1; i <= files; i++) {
        enter(i)
        if (!(target in position)) { unlisted[target] = 1; continue }
        if (folderOf(place) == ".") rank[place] = 1000000
        else if (!(place in rank)) { missing[place] = 1; rank[place] = 999999 }
        isThere[place] = 1
        declarations(fileStartToken[i], endOf(i))
    }
    for (i = 1; i <= files; i++) {
        enter(i)
        if (target in unlisted) continue
        findUses(fileStartToken[i], endOf(i))
        checkImports(fileStartToken[i], endOf(i))
    }
    for (target in unlisted) fault("\"The house\" in README.md does not list " target ".")
    for (one in missing) fault("\"The house\" in README.md does not list the folder " one ".")
    for (one in rank) if (!(one in isThere)) fault("\"The house\" in README.md lists " one ", which has no sources.")
    checkPackage()
    for (i = 1; i <= targets; i++) if (!quiet && folders[targetName[i]] != "") printMatrix(targetName[i])
    for (i = 1; i <= arrows; i++) fault(arrow[i] ", which is above it.")
    if (faults) exit 1
    printf "floors: %d targets, %d folders, no arrow upwards\n", targets, ranks
}

function checkPackage(    name, list, count, i) {
    for (name in dependencies) {
        if (!(name in position)) { fault("\"The house\" in README.md does not list the target " name "."); continue }
        count = split(dependencies[name], list, " ")
        for (i = 1; i <= count; i++) {
            if (packageOrder[list[i]] > packageOrder[name])
                fault("Package.swift: " name " uses " list[i] ", which stands after it.")
            if (position[list[i]] > position[name])
                fault("README.md: " name " uses " list[i] ", which \"The house\" lists after it.")
        }
    }
}

function checkImports(from, to,    i, module) {
    for (i = from; i <= to; i++) {
        if (token[i] != "import") continue
        module = token[i + 1 + (isTypeKeyword(token[i + 1]) || token[i + 1] ~ /^(typealias|func|var|let)$/)]
        if (module in packageOrder && module != target && index(dependencies[target], " " module " ") == 0)
            fault(file ":" lineOf[i] ": " target " imports " module ", which Package.swift does not give it.")
    }
}

function printMatrix(name,    list, count, i, j, width) {
    count = split(folders[name], list, " ")
    if (count < 2) return
    if ((name "/.") in isThere) list[++count] = "."
    for (i = 1; i <= count; i++) if (length(list[i]) > width) width = length(list[i])
    printf "%s, the lowest first: rows use columns\n%*s", name, width + 2, ""
    for (j = 1; j <= count; j++) printf " %6s", substr(list[j], 1, 6)
    printf "\n"
    for (i = 1; i <= count; i++) {
        printf "  %-*s", width, list[i]
        for (j = 1; j <= count; j++)
            printf " %6s", i == j ? "\\" : uses[name "/" list[i], name "/" list[j]] + 0 == 0 \
                ? "." : uses[name "/" list[i], name "/" list[j]]
        printf "\n"
    }
    printf "\n"
}
