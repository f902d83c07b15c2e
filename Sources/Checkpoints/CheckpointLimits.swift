/// What no real checkpoint of this family comes near; beyond it a file is refused, not tried.
package enum CheckpointLimits {
    /// A safetensors header; the format's own bound.
    package static let safetensorsHeaderBytesMax = 100_000_000
    /// Tensors of one checkpoint; a large model has about 500, its optimizer twice that.
    package static let tensorsMax = 100_000
    package static let dimensionsMax = 8
    /// The pickled object graph without its storages; a training checkpoint has about 0.1 MB.
    package static let pickleBytesMax = 64 << 20
    /// Values that one pickle may build.
    package static let pickleValuesMax = 4_000_000
    package static let pickleStackMax = 1_000_000
    package static let pickleMarksMax = 1_000
    package static let pickleTextBytesMax = 4 << 20
    /// Nodes in a row that name lookups follow, so that a cyclic graph ends.
    package static let wrapperDepthMax = 8
    package static let zipMembersMax = 200_000
    /// config.json, vocabularies, label files.
    package static let textFileBytesMax = 16 << 20
    package static let shardsMax = 1_000
}
