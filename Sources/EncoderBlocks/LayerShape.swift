package import Tensors

/// What bends the numbers between two linear layers.
package enum Activation: String, Hashable, Sendable {
    /// 0.5 x (1 + erf(x / √2)).
    case gelu
    /// The tanh form with √(2/π) and 0.044715.
    case geluTanh
    case relu
    case tanh
    case linear
    /// x · σ(x).
    case swish

    /// The same for kernels.
    package var kernel: KernelActivation {
        switch self {
        case .gelu: .gelu
        case .geluTanh: .geluTanh
        case .relu: .relu
        case .tanh: .tanh
        case .linear: .linear
        case .swish: .swish
        }
    }
}

/// What scores of attention know of the distance between two frames.
package enum AttentionPositions: Hashable, Sendable {
    case none
    /// A number for each bucket of distances, of which each query takes its share (WavLM).
    case buckets(count: Int, distanceMax: Int)
    /// Vectors made of sines and cosines (conformers).
    case relative
    /// A learnt vector for each distance of key less query from −`left` to `right`, that of the nearer end
    /// beyond them; the same for all heads (w2v-BERT 2.0).
    case clipped(left: Int, right: Int)
    /// What queries and keys are made of is turned by its frame's angles, head by head.
    case rotaryInput(base: Double)
}

/// Sizes and variants that attention and feed-forward blocks of a layer have, in every family.
package struct LayerShape: Hashable, Sendable {
    package var width: Int
    package var heads: Int
    package var feedForwardWidth: Int
    package var activation: Activation
    /// Of layer norms.
    package var epsilon: Float
    package var positions: AttentionPositions
    /// Whether queries and keys are turned by their frame's angles, over the whole width.
    package var isRotary: Bool
    /// Whether projections of attention and both layers of the feed-forward block have biases.
    package var hasBiases: Bool

    package init(
        width: Int, heads: Int, feedForwardWidth: Int, activation: Activation, epsilon: Float,
        positions: AttentionPositions = .none, isRotary: Bool = false, hasBiases: Bool = true
    ) {
        self.width = width
        self.heads = heads
        self.feedForwardWidth = feedForwardWidth
        self.activation = activation
        self.epsilon = epsilon
        self.positions = positions
        self.isRotary = isRotary
        self.hasBiases = hasBiases
    }
}

extension LayerShape {
    /// Tensors of the attention at `name`, with their shapes.
    package func attentionTensors(_ name: String) -> [(name: String, shape: [Int])] {
        var tensors: [(name: String, shape: [Int])] = []
        for projection in ["q_proj", "k_proj", "v_proj", "out_proj"] {
            tensors += Self.linear(
                "\(name).\(projection)", from: width, to: width, hasBias: hasBiases)
        }
        let headShape = [heads, width / heads]
        switch positions {
        case .none, .rotaryInput, .buckets: break
        case .relative:
            tensors += [
                ("\(name).linear_pos.weight", [width, width]), ("\(name).pos_bias_u", headShape),
                ("\(name).pos_bias_v", headShape),
            ]
        case .clipped(let left, let right):
            tensors.append(("\(name).distance_embedding.weight", [left + right + 1, headShape[1]]))
        }
        return tensors
    }

    /// Tensors of the feed-forward block at `name`.
    package func feedForwardTensors(_ name: String) -> [(name: String, shape: [Int])] {
        Self.linear(
            "\(name).intermediate_dense", from: width, to: feedForwardWidth, hasBias: hasBiases)
            + Self.linear(
                "\(name).output_dense", from: feedForwardWidth, to: width, hasBias: hasBiases)
    }

    /// Tensors of a layer norm of so many channels.
    package static func norm(_ name: String, _ width: Int) -> [(name: String, shape: [Int])] {
        [("\(name).weight", [width]), ("\(name).bias", [width])]
    }

    /// Tensors of a linear layer.
    package static func linear(
        _ name: String, from inputs: Int, to outputs: Int, hasBias: Bool = true
    ) -> [(name: String, shape: [Int])] {
        [("\(name).weight", [outputs, inputs])] + (hasBias ? [("\(name).bias", [outputs])] : [])
    }

    /// Operations of the linear layers of attention and one feed-forward block, two for each multiply-add.
    package func linearOperations(frames: Double) -> Double {
        let width = Double(width)
        // Queries, keys, values and output; then both layers of the feed-forward block.
        return 2 * frames * (4 * width * width + 2 * width * Double(feedForwardWidth))
    }

    /// Operations of scores, of weighted means of the values, and of what distances add to scores.
    package func attentionOperations(frames: Double) -> Double {
        let width = Double(width)
        let pairs = 4 * frames * frames * width
        switch positions {
        case .none, .buckets, .rotaryInput: return pairs
        case .relative: return pairs + 2 * frames * frames * width
        case .clipped(let left, let right):
            return pairs + 2 * frames * min(frames, Double(left + right + 1)) * width
        }
    }

    /// Numbers of a row that stand in projected queries, keys and values, in widths.
    package var projectedParts: Int { positions == .relative ? 4 : 3 }

    /// Vectors of distances that attention reads for an utterance of so many frames.
    package func distanceVectors(frames: Int) -> Int {
        switch positions {
        case .none, .buckets, .rotaryInput: 0
        case .relative: 2 * (frames + 64)
        case .clipped(let left, let right): left + right + 1
        }
    }
}
