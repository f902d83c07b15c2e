/// An http address, as far as redirects and tokens need it taken apart.
package struct WebAddress: Hashable, Sendable {
    package let text: String
    /// `scheme://host[:port]`, lower case: what a token may be shown to.
    package let origin: String

    /// Nil unless `text` is an http or https address.
    package init?(_ text: String) {
        guard let mark = text.firstRange(of: "://"), text.utf8.count <= 8_192,
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        let scheme = text[..<mark.lowerBound].lowercased()
        let host = text[mark.upperBound...].prefix { !"/?#".contains($0) }
        guard scheme == "https" || scheme == "http", !host.isEmpty, !host.contains("@") else {
            return nil
        }
        self.text = text
        origin = "\(scheme)://\(host.lowercased())"
    }

    /// Where `location` leads from here; never from https to http.
    package func following(_ location: String) -> WebAddress? {
        let target: WebAddress?
        if location.hasPrefix("//") {
            target = WebAddress("\(origin.prefix { $0 != ":" }):\(location)")
        } else if location.hasPrefix("/") {
            target = WebAddress(origin + location)
        } else if location.contains("://") {
            target = WebAddress(location)
        } else {
            let path = text.prefix { !"?#".contains($0) }
            guard let slash = path.lastIndex(of: "/") else { return nil }
            target = WebAddress("\(path[...slash])\(location)")
        }
        guard let target else { return nil }
        let isDowngrade = origin.hasPrefix("https:") && !target.origin.hasPrefix("https:")
        return isDowngrade ? nil : target
    }
}
