internal import AcousticModels
internal import Checkpoints
internal import EncoderBlocks
internal import MelFeatures
internal import Tensors

extension MelConfiguration {
    /// Frames that enter the first layer, and how many of them are all of audio.
    func stemFrames(ofSamples samples: Int) -> (frames: Int, validFrames: Int) {
        switch stem {
        case .pairs:
            (
                KaldiFrontEnd.rows(ofSamples: samples),
                KaldiFrontEnd.validRows(ofSamples: samples)
            )
        case .subsampled(let subsampling):
            subsampling.frames(ofSamples: samples)
        }
    }
}

/// Samples to the frames that enter the first layer.
struct MelStem {
    private enum Form {
        case pairs(KaldiFrontEnd, FeatureProjection)
        case subsampled(MelSubsampling)
    }

    private let configuration: MelConfiguration
    private let form: Form

    init(
        _ weights: WeightScope, _ configuration: MelConfiguration, on backend: ComputeBackend
    ) throws(CheckpointError) {
        self.configuration = configuration
        switch configuration.stem {
        case .pairs(let bins):
            form = .pairs(
                KaldiFrontEnd(bins: bins),
                try FeatureProjection(
                    weights["feature_projection"], from: 2 * bins, to: configuration.width,
                    epsilon: configuration.block.layer.epsilon, on: backend))
        case .subsampled(let subsampling):
            form = .subsampled(
                try MelSubsampling(
                    weights["subsampling"], subsampling, width: configuration.width, on: backend))
        }
    }

    /// Fills hidden [rows of the layout, width]; frames that are not valid are zero.
    func callAsFunction(
        _ windows: [AudioWindow], into hidden: TensorView, layout: PackedFrames,
        workspace: ModelWorkspace, observe: (Stage, TensorView, PackedFrames) -> Void
    ) {
        switch form {
        case .pairs(let frontEnd, let projection):
            let features = workspace.view(.wide, rows: layout.rows, width: frontEnd.width)
            layout.clearUnusedRows(of: features)
            workspace.forEach(windows.count) { part, _ in
                let segment = layout.segments[part]
                let computed = windows[part].samples.withUnsafeBufferPointer {
                    frontEnd($0, step: workspace.step)
                }
                // A row that is half missing is masked, so that nothing depends on what stands there.
                computed?.copy(
                    to: features.rows(segment.validRows).base, rows: segment.validFrames)
            }
            workspace.ended(.extractor)
            observe(.inputFeatures, features, layout)
            projection(features, into: hidden, layout: layout, workspace: workspace)
            layout.clearUnusedRows(of: hidden)
            observe(.projection, hidden, layout)
        case .subsampled(let subsampling):
            subsampling(
                windows, into: hidden, layout: layout, workspace: workspace, observe: observe)
        }
        workspace.ended(.projection)
    }

    /// Bytes that one who computes parts of it has alone, for an utterance of so many samples.
    func memberBytes(samples: Int, on backend: ComputeBackend) -> Int {
        switch form {
        case .pairs(let frontEnd, _): frontEnd.bytes(ofSamples: samples)
        case .subsampled(let subsampling): subsampling.memberBytes(samples: samples, on: backend)
        }
    }

    /// Bytes of the features of utterances of so many samples, beside ``featureWidth``.
    func sharedBytes(samples: [Int], on backend: ComputeBackend) -> Int {
        switch form {
        case .pairs: 0
        case .subsampled(let subsampling): subsampling.sharedBytes(samples: samples, on: backend)
        }
    }

    /// Floats of one of the encoder's frames that stand in the shared buffer of features.
    var featureWidth: Int {
        switch form {
        case .pairs(let frontEnd, _): frontEnd.width
        case .subsampled(let subsampling): subsampling.featureWidth
        }
    }
}
