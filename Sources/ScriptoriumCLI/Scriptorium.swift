internal import ArgumentParser

/// Turns archives of speech into text.
@main
struct Scriptorium: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scriptorium",
        abstract: "Turns large archives of speech into text, on CPUs, and never loses a row."
    )
}
