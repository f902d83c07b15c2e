/// How large rows and records may be, wherever they are written, sent or read.
package enum RecordLimits {
    /// A row of an input.
    ///
    /// Outputs are inputs again, and a day of speech with word times takes 25 MiB.
    package static let rowBytesMax = 30 << 20
    /// A record: a row of that size, and what became of it.
    package static let recordBytesMax = 32 << 20
    /// The features of a row: 1,024 channels have 350 KiB.
    package static let featuresBytesMax = 512 << 10
}
