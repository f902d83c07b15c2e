import Testing

/// A little of `make chaos`, of the scenarios that need neither root nor network namespaces.
///
/// What a scenario prints, seeds included, is shown if it fails.
@Suite("A little chaos", .serialized)
struct ChaosTests {
    private func run(_ scenario: [String]) throws -> (status: Int32, output: String) {
        try Program.runScript("Tests/Chaos/\(scenario[0])", Array(scenario.dropFirst()))
    }

    @Test(
        "the output is the undisturbed one, whatever was killed, frozen or short of something",
        arguments: [
            ["processes.py", "1", "--engine", "real"],
            ["processes.py", "1", "--engine", "standin"],
        ])
    func processes(scenario: [String]) throws {
        let result = try run(scenario)
        #expect(result.status == 0, "\(result.output)")
    }

    @Test("a kill right before or after a write, a rename or a send changes no byte of the output")
    func boundaries() throws {
        let result = try run(["boundaries.py", "--sample", "24", "--jobs", "4"])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("24 kills: "), "\(result.output)")
        #expect(result.output.contains(" 0 differences"), "\(result.output)")
    }

    @Test("a damaged page of the journal stops the coordinator, or does no harm")
    func damage() throws {
        let result = try run(["storage.py", "damage", "1-2"])
        #expect(result.status == 0, "\(result.output)")
    }
}
