package import ArgumentParser
internal import CommandOptions
internal import JobLaunch
internal import ModelHub
internal import Threading

/// The models that were downloaded, and which of them load.
package struct ModelsCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "List the models in the cache, what they are, and which of them load.",
        discussion: """
            The cache is the one that the hub's own tools use (HF_HUB_CACHE, else HF_HOME/hub, else \
            ~/.cache/huggingface/hub); nothing is downloaded. Of each model: its family, parameters, size on \
            disk, classes, the time from one frame to the next, languages where it has a vocabulary for each, \
            and the digest that names it in jobs, if that is known. What does not load is listed with the reason. \
            models/README.md says which model is for which purpose.

            Examples:
              scriptorium models
              scriptorium models --json | jq -r '.models[] | select(.loads) | .name'
              scriptorium models --digests
            """)

    @Flag(help: "Compute the digests that are not known yet: all weights are read.")
    var digests = false

    @Flag(help: "One JSON object instead of lines for people.")
    var json = false

    package init() {}

    package func run() throws {
        try reporting {
            let (folder, cached) = try HubModel.cached()
            var models: [ModelListing] = []
            for model in cached {
                models.append(
                    LongWork.named("reading \(model.name)", .bytes) {
                        ModelListing(
                            name: model.name, path: model.folder, byteCount: model.byteCount,
                            computesDigests: digests)
                    })
            }
            LongWork.end()
            if json {
                try StandardOutput.write(ModelListing.json(models, cache: folder) + "\n")
                return 0
            }
            var paragraphs = models.map(\.text)
            if models.isEmpty {
                paragraphs.append(
                    "There are no models in \(folder); `--model hf:OWNER/NAME` of any command downloads one."
                )
            }
            paragraphs.append(ModelListing.familiesText)
            try StandardOutput.write(paragraphs.joined(separator: "\n\n") + "\n")
            return 0
        }
    }
}
