/// Where a process shows itself, and to whom.
package struct HTTPChoice: Hashable, Sendable {
    package var address: HTTPAddress
    /// A file with the token that strangers need; nil for none.
    package var tokenFile: String?

    package init(address: HTTPAddress, tokenFile: String? = nil) {
        self.address = address
        self.tokenFile = tokenFile
    }
}
