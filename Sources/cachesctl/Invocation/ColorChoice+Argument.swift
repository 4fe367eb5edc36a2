import ArgumentParser
import CachesTerminal

extension ColorChoice: ExpressibleByArgument {}
