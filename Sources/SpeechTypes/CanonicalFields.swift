/// Names and values as one text that has one reading: what digests of identities are taken of.
package enum CanonicalFields {
    /// One `name:bytes:value` line a field, in the order given and ended by LF; `bytes` is the value's
    /// length in UTF-8, so that no value can be taken for another field.
    package static func text(_ fields: [(name: String, value: String)]) -> String {
        fields.map { "\($0.name):\($0.value.utf8.count):\($0.value)\n" }.joined()
    }
}
