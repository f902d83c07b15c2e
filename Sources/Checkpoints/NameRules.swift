/// How one framework's tensor names become canonical ones: rules as data, tried in order.
package struct NameRules: Sendable {
    /// What becomes of a tensor.
    package enum Outcome: Hashable, Sendable {
        case named(String)
        /// Stored one after another along the first dimension.
        case fused([String])
        /// Known, and not needed to transcribe.
        case ignored
        case unknown
    }

    /// A dotted pattern: `*` stands for one number, which takes the place of `*` in the result.
    private struct Rule {
        let pattern: [Substring]
        let replacements: [String]
    }

    /// What PyTorch's wrappers put into names: DataParallel and torch.compile, wherever they occur.
    private static let wrappers = ["module", "_orig_mod"]
    /// What trainers put in front when the model is a member of their own class.
    private static let frontWrappers = ["model"]

    /// The first that fits is removed from the front; a name without any is left as it is.
    private let prefixes: [String]
    /// By the number of parts in their patterns.
    private let rules: [Int: [Rule]]

    init(prefixes: [String], rules: [(String, [String])]) {
        self.prefixes = prefixes
        let split = rules.map { Rule(pattern: $0.0.split(separator: "."), replacements: $0.1) }
        self.rules = Dictionary(grouping: split) { $0.pattern.count }
    }

    /// What becomes of the tensor that the file calls `name`.
    package func outcome(of name: String) -> Outcome {
        let name = strip(name)
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        for rule in rules[parts.count] ?? [] {
            guard let numbers = Self.match(parts, rule.pattern) else { continue }
            let names = rule.replacements.map { Self.fill($0, numbers, parts.last ?? "") }
            if names.isEmpty { return .ignored }
            return names.count == 1 ? .named(names[0]) : .fused(names)
        }
        return Self.isForTrainingOnly(name) ? .ignored : .unknown
    }

    /// The name without what wrappers and the model's own class put in front of it.
    package func strip(_ name: String) -> String {
        let name = Self.unwrapped(name).name
        for prefix in prefixes where name.hasPrefix(prefix) {
            return String(name.dropFirst(prefix.count))
        }
        return name
    }

    /// The name without what wrappers added, and the parts that they added, dots included.
    static func unwrapped(_ name: String) -> (name: String, wrappers: [String]) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        let front = parts.dropLast().prefix { (wrappers + frontWrappers).contains(String($0)) }
        let rest = parts.dropFirst(front.count)
        let inner = rest.filter { wrappers.contains(String($0)) }
        if front.isEmpty && inner.isEmpty { return (name, []) }
        let kept = rest.filter { !wrappers.contains(String($0)) }
        return (kept.joined(separator: "."), (front + inner).map { "\($0)." })
    }

    /// The numbers at the `*` of `pattern`, or nil; `@` at the end stands for weight or bias.
    private static func match(_ parts: [Substring], _ pattern: [Substring]) -> [Substring]? {
        guard parts.count == pattern.count else { return nil }
        var numbers: [Substring] = []
        for (part, expected) in zip(parts, pattern) {
            switch expected {
            case "*":
                guard isIndex(part) else { return nil }
                numbers.append(part)
            case "@": guard part == "weight" || part == "bias" else { return nil }
            default: guard part == expected else { return nil }
            }
        }
        return numbers
    }

    /// A number as indices are written: no sign, no leading zero, so that no two names meet.
    private static func isIndex(_ text: Substring) -> Bool {
        guard (1...4).contains(text.utf8.count), text == "0" || !text.hasPrefix("0") else {
            return false
        }
        return text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func fill(
        _ replacement: String, _ numbers: [Substring], _ last: Substring
    ) -> String {
        var numbers = numbers[...]
        return replacement.split(separator: ".").map { part in
            switch part {
            case "*": numbers.popFirst() ?? part
            case "@": last
            default: part
            }
        }.joined(separator: ".")
    }
}

extension NameRules {
    /// Hugging Face, in which canonical names are given, with either form of weight norm; and the
    /// hourglass parts under the same naming.
    package static let huggingFace = NameRules(
        prefix: "wav2vec2.",
        more: ["norm", "linear_1", "linear_2"].map { "encoder.layers.*.adapter_layer.\($0).@" })

    /// A family of Hugging Face's, which calls the parts that it shares with others the same.
    ///
    /// - Parameters:
    ///   - prefix: of the backbone.
    ///   - more: names that only this family has, canonical as they are.
    ///   - renamed: stored names to canonical ones; they come before those of all families.
    ///   - unused: names of tensors that the family stores and never applies.
    init(
        prefix: String, more: [String] = [], renamed: [(String, String)] = [],
        unused: [String] = []
    ) {
        self.init(
            prefixes: [prefix],
            rules: unused.map { ($0, []) } + renamed.map { ($0.0, [$0.1]) } + Self.sharedRules
                + more.map { ($0, [$0]) })
    }

    private static let sharedRules: [(String, [String])] =
        extractorRules("conv", "layer_norm") + [
            ("feature_projection.layer_norm.@", ["feature_projection.layer_norm.@"]),
            ("feature_projection.projection.@", ["feature_projection.projection.@"]),
            ("encoder.layer_norm.@", ["encoder.layer_norm.@"]),
            ("lm_head.@", ["lm_head.@"]),
        ] + positionalRules("pos_conv_embed.conv") + resamplingRules
        + stacks.flatMap { stack in
            [
                "attention.q_proj", "attention.k_proj", "attention.v_proj",
                "attention.out_proj", "layer_norm", "feed_forward.intermediate_dense",
                "feed_forward.output_dense", "final_layer_norm",
            ].map { part in
                let name = "encoder.\(stack).*.\(part).@"
                return (name, [name])
            }
        }

    /// fairseq, and NVIDIA's with hourglass and rotary embeddings.
    package static let fairseq = NameRules(
        prefixes: ["w2v_encoder.w2v_model.", "w2v_encoder."],
        rules: extractorRules("0", "2") + [
            (
                "feature_extractor.conv_layers.*.2.1.@",
                ["feature_extractor.conv_layers.*.layer_norm.@"]
            ),
            ("layer_norm.@", ["feature_projection.layer_norm.@"]),
            ("post_extract_proj.@", ["feature_projection.projection.@"]),
            ("encoder.layer_norm.@", ["encoder.layer_norm.@"]),
            ("proj.@", ["lm_head.@"]),
        ] + positionalRules("pos_conv.0") + resamplingRules
            + stacks.flatMap { stack in
                let layer = "encoder.\(stack).*"
                let heads = ["q_proj", "k_proj", "v_proj"]
                let parts = [
                    ("self_attn_layer_norm", "layer_norm"),
                    ("fc1", "feed_forward.intermediate_dense"),
                    ("fc2", "feed_forward.output_dense"),
                    ("final_layer_norm", "final_layer_norm"),
                ]
                let attention = (heads + ["out_proj"]).map {
                    ("\(layer).self_attn.\($0).@", ["\(layer).attention.\($0).@"])
                }
                // One matrix for the three, rows in the order q, k, v.
                let fused = [
                    ("\(layer).self_attn.qkv.@", heads.map { "\(layer).attention.\($0).@" }),
                    (
                        "\(layer).self_attn.in_proj_weight",
                        heads.map { "\(layer).attention.\($0).weight" }
                    ),
                    (
                        "\(layer).self_attn.in_proj_bias",
                        heads.map { "\(layer).attention.\($0).bias" }
                    ),
                ]
                // MMS, once its adapters have these names.
                let adapters = ["norm", "linear_1", "linear_2"].map {
                    ("\(layer).adapter_layer.\($0).@", ["\(layer).adapter_layer.\($0).@"])
                }
                return attention + fused + adapters
                    + parts.map { ("\(layer).\($0.0).@", ["\(layer).\($0.1).@"]) }
            })

    /// The encoder's lists of layers: a plain stack has the first only.
    private static let stacks = ["layers", "hourglass_layers", "post_layers"]

    static func extractorRules(
        _ convolution: String, _ norm: String
    ) -> [(String, [String])] {
        [(convolution, "conv"), (norm, "layer_norm")].map { stored, canonical in
            (
                "feature_extractor.conv_layers.*.\(stored).@",
                ["feature_extractor.conv_layers.*.\(canonical).@"]
            )
        }
    }

    static func positionalRules(_ place: String) -> [(String, [String])] {
        let canonical = "encoder.pos_conv_embed.conv"
        return [
            ("encoder.\(place).bias", ["\(canonical).bias"]),
            ("encoder.\(place).weight_g", ["\(canonical).weight_g"]),
            ("encoder.\(place).weight_v", ["\(canonical).weight_v"]),
            (
                "encoder.\(place).parametrizations.weight.original0", ["\(canonical).weight_g"]
            ),
            (
                "encoder.\(place).parametrizations.weight.original1", ["\(canonical).weight_v"]
            ),
        ]
    }

    private static let resamplingRules = ["downsample_layer", "upsample_layer"].map { layer in
        ("encoder.\(layer).linear.@", ["encoder.\(layer).linear.@"])
    }
}
