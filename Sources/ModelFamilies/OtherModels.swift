internal import Checkpoints
internal import StrictJSON

/// Models that people try and that are not computed here: what they are, and what to use in their place.
///
/// Known by config.json's `model_type` and `architectures`.
enum OtherModels {
    private struct Kind {
        let modelTypes: [String]
        /// After "is".
        let what: String
        let instead: String
    }

    private static let anyLanguage =
        "use a CTC model of its language; `scriptorium models` lists the families that are read"
    private static let english =
        "use another English CTC model, such as hf:facebook/wav2vec2-large-960h-lv60-self"

    private static let kinds: [Kind] = [
        Kind(
            modelTypes: ["sew-d"],
            what: "a SEW-D model, whose attention is disentangled as in DeBERTa",
            instead: english),
        Kind(
            modelTypes: ["lasr_ctc", "lasr_encoder"],
            what: "a Lasr model (MedASR), a conformer of another kind", instead: english),
        Kind(
            modelTypes: ["granite_speech5_ctc"],
            what: "a Granite Speech model, which conditions itself on its own outputs",
            instead: english),
        Kind(
            modelTypes: ["granite_speech", "qwen2_audio", "qwen3_asr", "voxtral", "gemma3n"],
            what: "a language model that listens, which writes text by a decoder and not by CTC",
            instead: anyLanguage),
        Kind(
            modelTypes: ["whisper", "moonshine", "moonshine_streaming"],
            what: "a model that writes text by a decoder and not by CTC (Whisper and its like)",
            instead: anyLanguage),
        Kind(
            modelTypes: [
                "speech-encoder-decoder", "speech_to_text", "speech_to_text_2", "speecht5",
                "seamless_m4t", "seamless_m4t_v2", "cohere_asr", "kyutai_speech_to_text",
            ],
            what: "a sequence-to-sequence model, which writes text by a decoder and not by CTC",
            instead: anyLanguage),
        Kind(
            modelTypes: ["parakeet_rnnt", "parakeet_tdt"],
            what: "a transducer, which writes text by a prediction network and not by CTC",
            instead: "use the CTC model of the same maker, such as hf:nvidia/parakeet-ctc-0.6b"),
        Kind(
            modelTypes: ["mctct"], what: "an M-CTC-T model, which transformers gave up",
            instead: anyLanguage),
    ]

    /// Tasks that a network of a family here may have been made for, by the ending of its class.
    private static let tasks: [(ending: String, what: String, instead: String)] = [
        (
            "ForSequenceClassification",
            "is made to classify recordings, such as by their language (MMS-LID), and writes no text",
            anyLanguage
        ),
        (
            "ForAudioFrameClassification", "is made to classify frames, and writes no text",
            anyLanguage
        ),
        ("ForXVector", "is made to tell speakers apart, and writes no text", anyLanguage),
    ]

    /// Why a model is refused; nil for one that may be of a family here.
    static func reason(
        _ fields: HuggingFaceFields
    ) throws(CheckpointError) -> CheckpointError? {
        let type = try fields.string("model_type")
        if let type, let kind = kinds.first(where: { $0.modelTypes.contains(type) }) {
            return fields.refused("is \(kind.what) (\(type)); \(kind.instead)")
        }
        for name in fields.value("architectures")?.array?.compactMap(\.string) ?? [] {
            if let task = tasks.first(where: { name.hasSuffix($0.ending) }) {
                return fields.refused("\(task.what) (\(name)); \(task.instead)")
            }
        }
        return nil
    }
}
