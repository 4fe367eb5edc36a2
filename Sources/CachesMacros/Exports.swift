// `@Cached` is written with a cache class: whoever imports the macro needs the caches.
@_exported import Caches
