package import Tensors

/// The scratch memory of one compute thread; used by one call at a time.
package final class ModelWorkspace {
    /// What the buffers are for; two that are alive at once are never the same.
    enum Slot: Int {
        case samples
        case centeredSamples
        case foldedWeights
        case foldedShift
        case convolutionEven
        case convolutionOdd
        /// Features first, then queries, keys and values.
        case wide
        case hidden
        case context
        case tileWide
        case tile
        case scores
        case groupInput
        case groupOutput
        case shortened
        case logits
    }

    let backend: ComputeBackend
    private let memory = Workspace()
    private var rotary: RotaryAngles?

    package init(backend: ComputeBackend) { self.backend = backend }

    /// A view of `slot`, valid until it is asked for again; the contents are whatever was there.
    func view(_ slot: Slot, rows: Int, width: Int) -> TensorView {
        memory.view(slot.rawValue, rows: rows, width: width)
    }

    /// Angles for at least `frames` frames of width `width`, kept between batches.
    func rotaryAngles(frames: Int, width: Int) -> RotaryAngles {
        if let rotary, rotary.frames >= frames, rotary.width == width { return rotary }
        let angles = RotaryAngles(frames: frames, width: width)
        rotary = angles
        return angles
    }

    /// Bytes held at present.
    package var bytes: Int { memory.bytes }
}
