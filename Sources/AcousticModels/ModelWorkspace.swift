package import SpeechTypes
package import Tensors
package import Threading

/// The scratch memory of one computation; used by one call at a time.
///
/// What all parts of a computation see is shared; what one part needs for itself, such as a tile on
/// its way through a layer, belongs to the team's member that computes the part.
package final class ModelWorkspace {
    /// What the shared buffers are for; two that are alive at once are never the same.
    package enum Slot: Int {
        case samples = 1
        case centeredSamples
        case foldedWeights
        case foldedBias
        /// Features first, then queries, keys and values; the groups of a linear hourglass.
        case wide
        /// Queries, keys and values before rotation.
        case unrotated
        case hidden
        case context
        case shortened
        case logits
        /// What enters a layer's attention, and the same turned by its frames' angles.
        case entering
        case turned
        /// Shares of a bias by distance, a row a head.
        case gates
        /// Vectors of distances.
        case distances
        /// The same as they are stored.
        case distanceRows
        /// Gated channels of a convolution module.
        case gated
    }

    /// What a member's buffers are for.
    package enum ScratchSlot: Int {
        case tile = 1
        case tileWide
        case encoded
        case encodedWide
        case attended
        case attention
        case position
        case convolved
        case gates
        /// The first of as many as there are convolutions.
        case convolutionInput
    }

    package let backend: ComputeBackend
    package let team: ComputeTeam
    private let clock: StageClock?
    private let progress: EngineProgress?
    private let shared = Workspace()
    private let members: [Workspace]
    private var rotary: RotaryAngles?
    private var waves: DistanceWaves?
    private var numbers: (values: Tensor, reach: Int)?

    /// - Parameters:
    ///   - team: shares the computation where it has idle helpers.
    ///   - helpers: the memory of these helpers; nil to have some of its own.
    ///   - clock: is told where the time goes.
    ///   - progress: is told of every part that was computed.
    package init(
        backend: ComputeBackend, team: ComputeTeam, helpers: HelperScratch? = nil,
        clock: StageClock? = nil, progress: EngineProgress? = nil
    ) {
        self.backend = backend
        self.team = team
        self.clock = clock
        self.progress = progress
        members = [Workspace()] + (helpers ?? HelperScratch(of: team)).workspaces
    }

    /// A view of `slot`, valid until it is asked for again; the contents are whatever was there.
    package func view(_ slot: Slot, rows: Int, width: Int) -> TensorView {
        shared.view(slot.rawValue, rows: rows, width: width)
    }

    /// Numbers of `slot` for a multiplication, likewise.
    package func operand(_ slot: Slot, _ elementType: Operand.ElementType, rows: Int, width: Int)
        -> Operand
    {
        shared.operand(slot.rawValue, elementType, rows: rows, width: width)
    }

    /// Computes parts 0 ..< `count`, in any order and place.
    package func forEach(_ count: Int, _ body: (_ part: Int, _ scratch: Workspace) -> Void) {
        team.forEach(count) { part, member in
            body(part, members[member])
            step()
        }
    }

    /// Threads that would share a computation that begins now.
    package var membersNow: Int { team.hasIdleHelper ? team.threads : 1 }

    /// Says that a piece of the computation is done: within seconds on any machine, so a part that
    /// takes longer says so in between.
    package func step() { progress?.step() }

    /// A computation begins; the time until now belongs to nothing.
    package func begin() { clock?.start() }

    /// The time since the last such call belongs to `part`.
    package func ended(_ part: ModelPart) { clock?.lap(part) }

    /// Angles for at least `frames` frames of width `width`, kept between batches.
    ///
    /// - Parameter base: whose powers the wavelengths are.
    package func rotaryAngles(
        frames: Int, width: Int, base: Double = 10_000
    ) -> RotaryAngles {
        if let rotary, rotary.frames >= frames, rotary.width == width, rotary.base == base {
            return rotary
        }
        let angles = RotaryAngles(frames: frames, width: width, base: base)
        rotary = angles
        return angles
    }

    /// Waves of distances of `width` channels, kept between layers and batches.
    package func distanceWaves(reach: Int, width: Int) -> DistanceWaves {
        if let waves, waves.reach == reach, waves.width == width { return waves }
        let made = DistanceWaves(reach: reach, width: width)
        waves = made
        return made
    }

    /// Numbers of distances up to at least `reach`, kept between layers and batches.
    ///
    /// - Parameter make: gives [heads, 2 · reach + 1] of the model whose workspace this is.
    package func distanceNumbers(
        reach: Int, make: () -> Tensor
    ) -> (values: Tensor, reach: Int) {
        if let numbers, numbers.reach >= reach { return numbers }
        numbers = nil  // give the old memory back first
        let made = (values: make(), reach: reach)
        numbers = made
        return made
    }

    /// Bytes held at present of what all parts of a computation see.
    package var sharedBytes: Int {
        shared.bytes + (rotary?.bytes ?? 0) + (waves?.bytes ?? 0)
            + (numbers?.values.count ?? 0) * MemoryLayout<Float>.stride
    }

    /// Bytes held at present by each who computes parts.
    package var memberBytes: [Int] { members.map(\.bytes) }

    /// Bytes held at present.
    package var bytes: Int { memberBytes.reduce(sharedBytes, +) }
}

/// The scratch memory of a team's helpers, one piece for each, whoever they help.
///
/// Without it each of several callers would keep memory for all helpers.
// Unchecked: a helper works on one part at a time, and only it touches its piece.
package final class HelperScratch: @unchecked Sendable {
    /// Of the helpers 1 ..< threads.
    fileprivate let workspaces: [Workspace]

    package init(of team: ComputeTeam) {
        workspaces = (1..<max(1, team.threads)).map { _ in Workspace() }
    }
}

extension Workspace {
    package func view(_ slot: ModelWorkspace.ScratchSlot, rows: Int, width: Int) -> TensorView {
        view(slot.rawValue, rows: rows, width: width)
    }

    package func operand(
        _ slot: ModelWorkspace.ScratchSlot, _ elementType: Operand.ElementType, rows: Int,
        width: Int
    ) -> Operand {
        operand(slot.rawValue, elementType, rows: rows, width: width)
    }
}

extension ComputeBackend {
    /// Computes an epilogue, and gives its rows as the next multiplication's operand in a member's `slot`.
    package func apply(
        _ epilogue: Epilogue, encodedIn slot: ModelWorkspace.ScratchSlot, of scratch: Workspace
    ) -> Operand {
        let floats = epilogue.output ?? epilogue.products[0].values
        if multiply.elementType == .float32 && !epilogue.keepsUnnormed {
            if !epilogue.isIdentity { kernels.apply(epilogue) }
            return Operand(floats)
        }
        var epilogue = epilogue
        let operand = scratch.operand(
            slot, multiply.elementType, rows: floats.rows, width: floats.width)
        epilogue.encoded = operand
        kernels.apply(epilogue)
        return operand
    }
}
