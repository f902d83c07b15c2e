extension NameRules {
    /// Vectors and tables that pre-training learns and fine-tuning leaves behind.
    private static let trainingNames: Set<String> = [
        // What masked frames become, by its names in transformers (old and new) and in fairseq.
        "masked_spec_embed", "mask_time_emb_vector", "mask_emb",
        // Targets of HuBERT and its relatives.
        "label_embs_concat", "label_embeddings_concat",
    ]
    /// Modules of the pre-training losses.
    private static let trainingModules = [
        "quantizer.", "project_q.", "project_hid.", "final_proj.", "target_glu.", "speaker_proj.",
    ]
    /// Numbers that follow from sizes, and counters.
    private static let derivedSuffixes = [".rotary_freq.inv_freq", ".num_batches_tracked"]

    /// Whether transcribing has no use for the tensor `name`, prefixes taken off.
    static func isForTrainingOnly(_ name: String) -> Bool {
        trainingNames.contains(name) || trainingModules.contains { name.hasPrefix($0) }
            || derivedSuffixes.contains { name.hasSuffix($0) }
    }
}
